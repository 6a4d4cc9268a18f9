'use strict';
// Puts the figures that the tutorials printed beside those of runs with the same settings.

/** A printed figure, and the band in which the figure of any seed should lie. */
const around = (value, low, high) => ({value, low, high});
const about = (value, reach) => around(value, value - reach, value + reach);
const nearly = value => around(value, 0.94 * value, 1.06 * value);

const published = {
  mnist: {
    batch: 64, epochs: 3, words: [],
    source: 'Losses and times are as the tutorial printed them, accuracies PyTorch\'s on a CPU. Times ' +
        'differ: on its GPU a step of this size took as long whatever it computed.',
    optimizers: {
      muon: {lr: 0.01, loss: around(0.0475, 0.043, 0.054), accuracy: about(0.974, 0.01), time: 1.27},
      adamw: {lr: 0.001, loss: around(0.0717, 0.067, 0.079), accuracy: about(0.976, 0.01), time: 1},
      sgd: {lr: 0.01, loss: around(0.3931, 0.37, 0.42), accuracy: about(0.901, 0.01), time: 0.96},
    },
  },
  cifar10: {  // PyTorch's losses are up to 4.6 % lower, its accuracies 2.8 points better
    batch: 128, epochs: 5, words: ['--width=32', '--augment=tutorial'],
    source: 'All are as the tutorial printed them. Times differ: on its GPU a step of this size took ' +
        'as long whatever it computed.',
    optimizers: {
      muon: {lr: 0.01, loss: nearly(0.6279), accuracy: about(0.8079, 0.03), time: 0.984},
      adamw: {lr: 0.001, loss: nearly(0.8955), accuracy: about(0.7166, 0.03), time: 1},
      sgd: {lr: 0.01, loss: nearly(1.1023), accuracy: about(0.6440, 0.03), time: 0.98},
    },
  },
};

/** The groups that have the settings of a published run: [{group, printed, protocol}]. */
function reproductions() {
  return trained.flatMap(group => {
    const {comparison, optimizer, runs, partly} = group;
    if (!Object.hasOwn(published, comparison.protocol)) return [];
    const protocol = published[comparison.protocol];
    if (!Object.hasOwn(protocol.optimizers, optimizer)) return [];
    const printed = protocol.optimizers[optimizer];
    const fits = !partly && comparison.data === 'full' && runs[0].lr === printed.lr &&
        comparison.batch_size === protocol.batch && epochsOf(comparison) === protocol.epochs &&
        protocol.words.every(word => comparison.recipe.includes(word));
    return fits ? [{group, printed, protocol}] : [];
  });
}

/** By how many percent `value` is above the printed one. */
const above = (value, printed) => 100 * (value / printed.value - 1);
const inNats = loss => loss.toFixed(4);
const signed = v => `${v > 0 ? '+' : v < 0 ? '−' : ''}${Math.abs(v).toFixed(1)} %`;

function drawPublished() {
  const pairs = reproductions();
  if (pairs.length === 0) return;
  const rows = pairs.flatMap(({group, printed}) => [
    {group, measure: 'loss', here: group.loss, there: printed.loss, text: inNats},
    {group, measure: 'accuracy', here: group.accuracy, there: printed.accuracy, text: percent},
  ]);
  const inside = rows.filter(r => r.there.low <= r.here && r.here <= r.there.high).length;
  const all = inside === rows.length ? `all ${inside}` : `${inside} of ${rows.length}`;
  const band = {
    type: 'custom', silent: true,
    data: rows.map((r, i) => [i, above(r.there.low, r.there), above(r.there.high, r.there)]),
    renderItem: (_, api) => {
      const [left, right] = [1, 2].map(k => api.coord([api.value(k), api.value(0)]));
      const fill = color(rows[api.value(0)].group.number);
      return {type: 'rect', style: {fill, opacity: 0.22},
              shape: {x: left[0], y: left[1] - 8, width: right[0] - left[0], height: 16, r: 4}};
    },
    encode: {x: [1, 2], y: 0},
  };
  const option = shown => ({
    series: [
      {...band, data: band.data.filter((_, i) => shown(rows[i].group.name))},
      {type: 'scatter', symbolSize: 11, emphasis: {disabled: true},
       markLine: {silent: true, symbol: 'none', label: {show: false}, data: [{xAxis: 0}],
                  lineStyle: {color: ink('quiet'), type: 'solid'}},
       data: rows.flatMap((r, i) => shown(r.group.name) ? [{
         value: [above(r.here, r.there), i], itemStyle: {color: color(r.group.number)}}] : [])},
    ],
    grid: {left: 12},
    xAxis: {type: 'value', name: 'above the printed figure (%)', scale: true},
    yAxis: {type: 'category', inverse: true, data: rows.map(r => `${r.group.name}: ${r.measure}`),
            axisLabel: {width: 130, overflow: 'break', interval: 0, hideOverlap: false}},
    tooltip: {
      trigger: 'item',
      formatter: ({dataIndex, value}) => {
        const {group, measure, here, there, text} = rows[value?.[1] ?? dataIndex];
        const paint = color(group.number);
        return tip(`${group.name}: ${measure}`, [
          [paint, 'here', text(here)], [paint, 'printed', text(there.value)],
          [paint, 'band', `${text(there.low)} to ${text(there.high)}`],
          [paint, 'difference', signed(above(here, there))]]);
      },
    },
  });
  const figure = card('published', `Beside the tutorial's: ${all} figures lie within their bands`,
                      `Dots: this comparison; bands: where any seed should lie; line: what was printed. ${
                          [...new Set(pairs.map(p => p.protocol.source))].join(' ')}`,
                      entries(pairs.map(p => p.group)), option,
                      {wide: true, height: 90 + 30 * rows.length});
  figure.append(publishedTable(pairs));
}

function publishedTable(pairs) {
  const rows = pairs.map(({group, printed}) => {
    const reference = pairs.find(p => p.group.comparison === group.comparison && p.group.optimizer === 'adamw');
    const range = ({low, high}, text) => `${text(low)} to ${text(high)}`;
    return [
      element('span', {}, swatch(color(group.number)), group.name),
      inNats(group.loss), inNats(printed.loss.value), range(printed.loss, v => v.toFixed(3)),
      percent(group.accuracy), percent(printed.accuracy.value),
      range(printed.accuracy, v => (100 * v).toFixed(1)),
      reference ? (group.seconds / reference.group.seconds).toFixed(2) : '–', printed.time.toFixed(2),
    ];
  });
  return table(['optimizer', 'loss', 'printed', 'band', 'accuracy', 'printed', 'band (%)',
                'time / adamw\'s', 'printed'], rows);
}

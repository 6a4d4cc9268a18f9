'use strict';
// Draws a sweep, and says what it shows.

const percent = value => `${(100 * value).toFixed(2)} %`;
const lossOf = p => p.validation_loss;
const times = factor => short(factor, 2);

// ---- heat maps

const lossColors = {  // from the lowest losses to the highest, then guessing and worse, then diverged
  light: ['#0b3c5d', '#1d6a96', '#4f97bd', '#8fc1da', '#c5dfec', '#e9eef2', '#e5c9b5', '#d1334f'],
  dark: ['#c9ecff', '#86c9ef', '#4a9fd0', '#2d7299', '#234e68', '#26333e', '#5a4234', '#ff6b81'],
};
const colorsNow = () => (dark.matches ? lossColors.dark : lossColors.light);
const levels = 6;

/** Bounds of the levels, in equal steps of the loss's logarithm, from the lowest to guessing's. */
const bounds = (() => {
  const low = Math.min(losses[0] ?? guessing / 2, guessing / 2);
  return Array.from({length: levels + 1}, (_, i) => low * (guessing / low) ** (i / levels));
})();
function levelOf(point) {
  if (point.diverged) return levels + 1;
  if (lossOf(point) >= guessing) return levels;
  return Math.max(0, bounds.findLastIndex(bound => bound <= lossOf(point)));
}
const levelNames = [
  ...bounds.slice(0, levels).map((b, i) => `${short(b, 2)}–${short(bounds[i + 1], 2)}`),
  `${short(guessing, 2)} or more, as guessing`, 'diverged',
];
const levelsSeen = levelNames.map((_, i) => i).filter(i => points.some(p => levelOf(p) === i));

/** Dark text on light cells, light text on dark ones. */
function inkOn(paint) {
  const [r, g, b] = [1, 3, 5].map(i => parseInt(paint.slice(i, i + 2), 16));
  return 0.3 * r + 0.6 * g + 0.1 * b > 140 ? '#12151a' : '#ffffff';
}

function describe(p) {
  const rows = p.diverged ? [['', 'diverged at', p.diverged]] : [
    ['loss, images held out', short(lossOf(p), 4)], ['right of these', percent(p.validation_accuracy)],
    ['right of the test images', percent(p.test_accuracy)], ['training loss, last epoch', short(p.loss, 4)],
    ['training time', `${short(p.train_seconds)} s`],
  ].map(row => ['transparent', ...row]);
  if (p.seeds > 1) rows.push(['transparent', 'mean over seeds', `${p.seeds}`]);
  return tip(`${p.optimizer}, rate ${p.lr}, batch size ${p.batch_size}`, rows);
}

const sizesText = sizes => `batch size${sizes.length > 1 ? 's' : ''} ${listed(sizes)}`;

function heatTitle({name, own, bests}) {
  if (bests.length === 0) return `${name} diverged at every rate`;
  const rates = bests.map(p => p.lr);
  const sizes = bests.map(p => p.batch_size);
  const lost = batchSizes.filter(size => !sizes.includes(size) && own.some(p => p.batch_size === size));
  const end = lost.length > 0 ? `; every rate diverged at ${sizesText(lost)}` : '';
  if (new Set(rates).size === 1) {
    const isAll = sizes.length > 1 && sizes.length === batchSizes.length;
    return `${name}: rate ${rates[0]} is best at ${isAll ? 'every batch size' : sizesText(sizes)}${end}`;
  }
  const grows = rates.every((r, i) => i === 0 || rates[i - 1] <= r);
  if (grows) return `${name}: the best rate grows with the batch, from ${rates[0]} at ${sizes[0]} images to ${last(rates)} at ${last(sizes)}${end}`;
  return `${name}: the best rates are ${listed(rates.map((r, i) => `${r} (batch ${sizes[i]})`))}${end}`;
}

function drawHeatMaps() {
  const legend = () => levelsSeen.map(i => [levelNames[i], colorsNow()[i]]);
  for (const group of groups) {
    const cell = (p, paint) => ({
      value: [batchSizes.indexOf(p.batch_size), group.rates.indexOf(p.lr), levelOf(p)],
      point: p,
      label: {color: inkOn(paint), fontWeight: isBest(p) ? 700 : 400},
      itemStyle: isBest(p) ? {borderColor: color(3), borderWidth: 3} : {},
      emphasis: {disabled: true},
    });
    const bestLast = [...group.own].sort((a, b) => isBest(a) - isBest(b));  // frames lie on top
    const option = shown => ({
      visualMap: {show: false, type: 'piecewise', dimension: 2,
                  pieces: levelNames.map((_, value) => ({value, color: colorsNow()[value]}))},
      series: [{
        type: 'heatmap',
        data: bestLast.filter(p => shown(levelNames[levelOf(p)])).map(p => cell(p, colorsNow()[levelOf(p)])),
        label: {show: true, formatter: ({data}) => has(data.point) ? short(lossOf(data.point)) : 'diverged'},
        labelLayout: {hideOverlap: true},
        itemStyle: {borderColor: ink('card'), borderWidth: 2},
      }],
      xAxis: {type: 'category', data: batchSizes.map(String), name: 'batch size (images)',
              splitLine: {show: false}},
      yAxis: {type: 'category', data: group.rates.map(String), name: 'learning rate',
              splitLine: {show: false}},
      tooltip: {trigger: 'item', formatter: ({data}) => describe(data.point)},
    });
    card(`heat-${group.name}`, heatTitle(group),
         'Loss of the images held out, in nats; colors as for the other optimizers. Framed: the best rate of a batch size.',
         legend, option, {height: Math.max(300, 90 + 40 * group.rates.length)});
  }
}

// ---- lines

/** Values over x, both in logarithms: of each group a line through [x, value, point]. */
function logCard(id, title, note, list, data, {x, y, shared, ticks, ...more}) {
  const all = list.flatMap(data);
  const range = values => [Math.min(...values), Math.max(...values)];
  const xAxis = logAxis(range(all.map(p => p[0])), x);
  const marked = ticks && {axisTick: {show: false, customValues: ticks},
                               axisLabel: {customValues: ticks, formatter: v => `${+v.toPrecision(6)}`}};
  const option = shown => ({
    series: lines(list, data, () => [], shown, true),
    xAxis: {...xAxis, ...marked},
    yAxis: logAxis(shared ?? range(all.map(p => p[1])), y),
    tooltip: {formatter: params => {
      const at = params[0].axisValue;
      const there = list.filter(g => shown(g.name)).flatMap(g => data(g)
          .filter(p => Math.abs(Math.log(p[0] / at)) < 1e-6).map(p => [g, p]));
      there.sort((a, b) => b[1][1] - a[1][1]);
      return tip(more.place(+at.toPrecision(6)), there.map(([g, p]) => [color(g.number), g.name, more.text(p)]));
    }},
  });
  card(id, title, note, entries(list), option);
}

/** Who loses least by a wrong rate, where the rates tried suffice to say. */
function rateTitle(size, list) {
  const all = list.map(g => forgiven(g, size));
  const most = best(all, f => -f.factor);
  const [rest, span] = [all.filter(f => f !== most), f => `${f.low}${f.factor > 1 ? ` to ${f.high}` : ''}`];
  if (rest.length > 0 && rest.every(f => !f.isOpen && f.factor < most.factor / 1.2)) {
    return `Batch size ${size}: ${most.group.name} forgives most, within twice its lowest loss at rates from ${span(most)}`;
  }
  return `Batch size ${size}: within twice the lowest loss at rates ${listed(all.map(f => `${span(f)} (${f.group.name})`))}`;
}

function drawRates() {
  for (const size of batchSizes) {
    const list = drawn.filter(g => bestAt(g, size));
    if (list.length === 0) continue;
    // Even where every rate is worse than guessing, those near the best are within.
    const lowest = Math.min(...list.map(g => lossOf(bestAt(g, size))));
    const top = Math.min(last(losses), 2 * Math.max(guessing, lowest));
    const off = groups.flatMap(g => g.own.filter(p => p.batch_size === size && p.diverged)
        .map(p => `${g.name} at ${p.lr}`));
    const high = list.flatMap(g => g.own.filter(p => p.batch_size === size && has(p) && lossOf(p) > top))
        .map(p => `${p.optimizer} at ${p.lr}`);
    const missing = (off.length > 0 ? ` Diverged: ${listed(off)}.` : '') +
        (high.length > 0 ? ` Above the axis: ${listed(high)}.` : '');
    const data = g => g.own.filter(p => p.batch_size === size && has(p) && lossOf(p) <= top)
        .map(p => [p.lr, lossOf(p), p]);
    const rates = [...new Set(list.flatMap(data).map(p => p[0]))];
    logCard(`rates-${size}`, rateTitle(size, list),
            `Flat around its lowest point: a rate that is off costs little.${missing}`, list, data, {
              x: 'learning rate (log)', ticks: rates.length < 3 && rates, y: 'loss, images held out (nats, log)', shared: [losses[0], top],
              place: lr => `rate ${lr}`, text: p => short(p[1], 4),
            });
  }
}

function drawBatchSizes() {
  if (batchSizes.length < 2 || drawn.length === 0) return;
  const winners = drawn.map(g => [g, batchSizes.filter(size =>
      bestAt(g, size) && best(drawn.filter(o => bestAt(o, size)), o => lossOf(bestAt(o, size))) === g)]);
  const wins = winners.filter(([, sizes]) => sizes.length > 0).map(([g, sizes]) => `${g.name} at ${listed(sizes)}`);
  const turn = drawn.map(g => `${g.name} ${best(g.bests, lossOf).batch_size}`);
  const common = {x: 'batch size (images, log)', ticks: batchSizes, place: size => `batch size ${size}`};
  logCard('loss-by-batch', drawn.length > 1 ? `Lowest at the best rates: ${wins.join('; ')}`
                                            : `Lowest at the best rates: ${short(Math.min(...drawn[0].bests.map(lossOf)))}`,
          `Loss after as many epochs, so a batch twice as large has half the steps. Lowest at batch size: ${turn.join(', ')}.`,
          drawn, g => g.bests.map(p => [p.batch_size, lossOf(p), p]),
          {...common, y: 'loss at the best rate (nats, log)', text: p => `${short(p[1], 4)} at rate ${p[2].lr}`});
  const seconds = p => p.train_seconds / content.epochs;
  const cost = size => {
    const list = drawn.filter(g => bestAt(g, size));
    const [slow, fast] = [best(list, g => -seconds(bestAt(g, size))), best(list, g => seconds(bestAt(g, size)))];
    const s = seconds(bestAt(slow, size));
    return slow === fast ? `${short(s)} s at batch size ${size}`
        : `${short(s)} s with ${slow.name} at batch size ${size}, ${times(s / seconds(bestAt(fast, size)))} times ${fast.name}'s`;
  };
  const ends = [batchSizes[0], last(batchSizes)].filter(size => drawn.some(g => bestAt(g, size)));
  logCard('time-by-batch', `What small batches cost: an epoch takes ${listed(ends.map(cost))}`,
          'Seconds of training alone, of the run at the best rate. Other work on the machine shows in it.',
          drawn, g => g.bests.map(p => [p.batch_size, seconds(p), p]),
          {...common, y: 'time of an epoch (s, log)', text: p => `${short(p[1])} s`});
}

// ---- words

function writeHeading() {
  const names = listed(groups.map(g => g.name));
  const title = `${names || 'muonlab'}: learning rates and batch sizes on ${dataOf(content)}`;
  document.getElementById('heading').textContent = title;
  document.title = `${title} – muonlab`;
  const finding = document.getElementById('finding');
  if (drawn.length === 0) return void (finding.textContent = points.length > 0
      ? 'Training diverged at every rate tried.' : 'No training has come to an end yet.');
  const lowest = best(drawn.map(g => best(g.bests, lossOf)), lossOf);
  finding.textContent = `Every rate is judged by the loss of training images held out; the test images ` +
      `have no part in the choice. The lowest, ${short(lossOf(lowest))}, is ${lowest.optimizer}'s at rate ` +
      `${lowest.lr} and batch size ${lowest.batch_size}: ${percent(lowest.test_accuracy)} of the test images right.`;
}

function writeSummary() {
  const rows = drawn.flatMap(g => g.bests.map(p => {
    const tried = g.rates.filter(lr => g.at(p.batch_size, lr));
    const edge = tried.length < 2 ? '' : p.lr === last(tried) ? ' (highest tried)'
        : p.lr === tried[0] ? ' (lowest tried)' : '';
    return [element('span', {}, swatch(color(g.number)), g.name), `${p.batch_size}`, `${p.lr}${edge}`,
            lossOf(p).toFixed(4), (100 * p.validation_accuracy).toFixed(2), (100 * p.test_accuracy).toFixed(2),
            p.train_seconds.toFixed(2)];
  }));
  const several = points.some(p => p.seeds > 1);
  const tuned = content.tuned ? [element('p', {class: 'note'}, 'The comparison at these rates: ',
                                         element('code', {}, content.tuned))] : [];
  document.getElementById('summary').replaceChildren(element('h2', {}, 'The best rates'), element('p', {class: 'note'},
      `After ${content.epochs} epoch${content.epochs > 1 ? 's' : ''}.${several ? ' Means over the seeds.' : ''} ` +
      'Where the best rate is the highest or the lowest tried, others may be better.'),
      table(['optimizer', 'batch size', 'best rate', 'loss, held out', 'right, held out (%)', 'right, test (%)',
             'train time (s)'], rows), ...tuned);
}

function writeMaking() {
  document.getElementById('making').append(element('h2', {}, 'How it was made'),
      ...content.commands.map(words => facts({command: commandOf('sweep', words)})),
      facts({data: `${content.protocol}, ${content.data}; to train on: ${content.train_data}; held out: ` +
                   content.validation_data,
             version: `muonlab ${content.versions.join(', ')}`, machine: content.machines.join('; '), products: content.products}));
}

writeHeading();
if (drawn.length > 0) writeSummary();
drawHeatMaps();
drawRates();
drawBatchSizes();
writeMaking();
dark.addEventListener('change', () => drawn.length > 0 && writeSummary());

'use strict';
// Draws matrices themselves: a (2, 2) by what it does to the plane, another by its elements.

// ---- in the plane

const unitCircle = Array.from({length: 121}, (_, i) => [Math.cos(i * Math.PI / 60), Math.sin(i * Math.PI / 60)]);
const times = (x, [a, b]) => x.map(row => row[0] * a + row[1] * b);
const columnsOf = x => [0, 1].map(j => x.map(row => row[j]));

/** A card with a square part of the plane that holds all `points`, and with series() in it. */
function planeCard(id, title, note, entries, points, series) {
  const reach = Math.ceil(2.1 * Math.max(...points.flat().map(Math.abs))) / 2;
  const axis = {type: 'value', min: -reach, max: reach, interval: 0.5};
  const room = () => Math.min(350, document.getElementById(id).clientWidth - 100);
  card(id, title, note, entries, shown => ({
    series: series().filter(s => shown(s.name)),
    grid: {left: 'center', width: room(), height: room(), top: 26, containLabel: false},
    xAxis: {...axis, name: 'x'},
    yAxis: {...axis, name: 'y', axisLabel: {showMinLabel: false}},
    tooltip: {trigger: 'item', formatter: ({seriesName, data}) =>
        tip(seriesName, [['', '', `(${data.map(v => v.toFixed(3)).join(', ')})`]])},
  }), {height: Math.min(420, document.body.clientWidth - 48)});
}

/** The columns of x as arrows from 0; `more` are further fields of the series. */
const arrows = (name, paint, x, more = {}) => ({
  type: 'line', name, color: paint, data: columnsOf(x), showSymbol: true, symbol: 'circle', symbolSize: 6,
  lineStyle: {width: 0}, emphasis: {disabled: true}, z: 4,
  markLine: {silent: true, symbol: ['none', 'arrow'], symbolSize: 8, label: {show: false},
             lineStyle: {color: paint, type: 'solid', width: 2},
             data: columnsOf(x).map(end => [{coord: [0, 0]}, {coord: end}])},
  ...more,
});

function drawPlane(path) {
  const chosen = some(steps, 5);
  const stages = () => [[before, gray(), normalized],
      ...chosen.map((i, j) => [`step ${i + 1}`, ramp((j + 1) / chosen.length), path.stages[i]]),
      ['U Vᵀ', color(0), exact]];
  const axes = stage => stage.values.map(v => short(v, 2)).join(' and ');
  const all = stages().flatMap(([, , stage]) => unitCircle.map(p => times(stage.x, p)));
  planeCard(`plane-${path.set}`, `${path.set}: of the unit circle M / |M| makes an ellipse with ` +
            `half-axes ${axes(normalized)}, ${inSteps} one with ${axes(theFinal(path))}`,
            'Arrows: the columns of each matrix, where it takes (1, 0) and ' +
            `(0, 1).${rank === 1 ? ' M has no second direction, so a line stays a line.' : ''}`,
            () => stages().map(([name, paint]) => [name, paint]), all,
            () => stages().flatMap(([name, paint, {x}]) => [
              lineOf(name, paint, unitCircle.map(p => times(x, p)), {width: 2}),
              arrows(name, paint, x)]));
}

/** The 2x2 that the tutorial prints as the outcome. */
const printed = [[0.998, -0.050], [0.050, 0.998]];

function drawGramSchmidt() {
  const length = x => Math.hypot(...x.flat());
  const minus = (x, y) => x.map((row, i) => row.map((v, j) => v - y[i][j]));
  const q = content.gram_schmidt;
  const away = (x, y) => length(minus(x, y)) / length(y);
  const unit = x => {
    const lengths = columnsOf(x).map(column => Math.hypot(...column));
    return x.map(row => row.map((v, j) => v / lengths[j]));
  };
  const matrices = () => [['columns of M, at length 1', gray(), unit(content.start.x)],
      ['Q of Gram-Schmidt', color(1), q], ['U Vᵀ', color(0), exact.x]];
  planeCard('gram-schmidt', `The tutorial's matrix is Gram-Schmidt's Q, within ` +
            `${short(away(printed, q), 1)}; it is ${short(away(q, exact.x), 2)} off U Vᵀ, which steps approach`,
            'Both are orthogonal. Q keeps the direction of the first column of M; U Vᵀ is the ' +
            'orthogonal matrix nearest to M.', () => matrices().map(([name, paint]) => [name, paint]),
            unitCircle, () => [
              lineOf('', ink('line'), unitCircle, {width: 1.5}),
              ...matrices().map(([name, paint, x]) => arrows(name, paint, x))]);
  document.getElementById('parameters').append(element('h2', {}, 'Two orthogonal matrices'),
      element('p', {class: 'note'}, 'The tutorial shows the second as what becomes of M: but for the ' +
          'last digit, Q of M = Q R. Steps that converge end at the last, the polar factor of M.'),
      table(['', 'matrix', '|X - U Vᵀ| / |U Vᵀ|'], [
        ['M', matrixText(content.start.x), ''],
        ["the tutorial's", matrixText(printed), short(away(printed, exact.x), 2)],
        ["Gram-Schmidt's Q", matrixText(q), short(away(q, exact.x), 2)],
        ...paths.map(p => [`${p.set}, ${inSteps}`, matrixText(theFinal(p).x), short(theFinal(p).error, 2)]),
        ['U Vᵀ, exact', matrixText(exact.x), '0']]));
}

// ---- elements

const diverging = () => dark.matches ? ['#64a8f5', '#262c36', '#ff6b81'] : ['#1f6fc4', '#f1f3f6', '#d1334f'];

function heatCard(id, title, x) {
  const most = Math.max(...x.flat().map(Math.abs), 1e-30);
  card(id, title, 'Blue: below zero; red: above; the stronger, the larger.', () => [], () => ({
    series: [{type: 'heatmap', data: x.flatMap((row, i) => row.map((v, j) => [j, i, v])),
              itemStyle: {borderWidth: 0}, emphasis: {disabled: true}}],
    visualMap: {min: -most, max: most, orient: 'horizontal', left: 'center', bottom: 0, itemHeight: 140,
                itemWidth: 12, text: [short(most), short(-most)], textStyle: {color: ink('quiet')},
                inRange: {color: diverging()}},
    grid: {bottom: 64, top: 30},
    xAxis: {type: 'category', name: 'column', data: x[0].map((_, j) => j + 1), splitLine: {show: false}},
    yAxis: {type: 'category', name: 'row', nameLocation: 'start', inverse: true,
            data: x.map((_, i) => i + 1), splitLine: {show: false}},
    tooltip: {trigger: 'item', formatter: ({data: [j, i, v]}) =>
        tip(`row ${i + 1}, column ${j + 1}`, [['', '', short(v, 4)]])},
  }), {height: Math.min(420, 160 + 24 * x.length)});
}

function drawMatrices() {
  const range = x => {
    const all = x.flat();
    return `elements from ${short(Math.min(...all), 2)} to ${short(Math.max(...all), 2)}`;
  };
  heatCard('matrix', `M: ${range(content.start.x)}`, content.start.x);
  for (const path of paths) {
    const {x} = theFinal(path);
    heatCard(`matrix-${path.set}`, `X after ${inSteps} of ${path.set}: ${range(x)}`, x);
  }
}

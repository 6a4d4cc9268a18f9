'use strict';
// Draws the saddle in the plane, and the paths that lead over it.

const height = ([x, y]) => x ** 2 / 2 - y ** 2 / 2 + y ** 4 / 4;
const levels = [-0.24, -0.2, -0.15, -0.1, -0.05, 0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8];

/** "sgd comes", "sgd, momentum and adam come". */
const listed = (names, verb) => names.length === 1 ? `${names[0]} ${verb}s`
    : `${names.slice(0, -1).join(', ')} and ${last(names)} ${verb}`;

/** The lines on which the height is `level`: x² / 2 = level + y² / 2 - y⁴ / 4, which is not negative
 * between y² = 1 - r and 1 + r, where r = √(1 + 4 level). */
function levelLines(level) {
  const r = Math.sqrt(1 + 4 * level);
  const [low, high] = [Math.sqrt(Math.max(0, 1 - r)), Math.sqrt(1 + r)];
  const from = level < 0 ? low : -high;
  const right = Array.from({length: 61}, (_, i) => {
    const y = (from + high) / 2 - Math.cos(i * Math.PI / 60) * (high - from) / 2;  // dense at the ends
    return [Math.sqrt(Math.max(0, 2 * level + y ** 2 - y ** 4 / 2)), y];
  });
  const line = [...right, ...right.map(([x, y]) => [-x, y]).reverse()];
  return level < 0 ? [line, line.map(([x, y]) => [x, -y])] : [line];
}

/** Hills and valleys: for each level the region below it, one drawn upon the other. */
function landscape() {
  const shapes = [...levels].reverse().flatMap(level => levelLines(level).map(line => [level, line]));
  const paint = level => ramp(0.75 * (1 - levels.indexOf(level) / levels.length));
  return {
    type: 'custom', name: '', silent: true, clip: true, z: 1, data: shapes.map((_, i) => [0, 0, i]),
    renderItem: (params, api) => {
      const [level, line] = shapes[api.value(2)];
      return {type: 'polygon', shape: {points: line.map(p => api.coord(p))},
              style: {fill: paint(level), opacity: 0.35, stroke: ink('card'), lineWidth: 0.7}};
    },
  };
}

function drawPaths(saddle) {
  const {optimizers} = saddle;
  const size = p => p === null || Math.abs(p) > 1e3 ? NaN : p;
  const isTenth = step => step % 10 === 0 && step <= 100;
  const place = o => o.way.places.map(p => p.map(size));
  const end = o => last(o.way.places);
  const isThere = o => Math.abs(Math.abs(end(o)[1]) - 1) < 0.1 && Math.abs(end(o)[0]) < 0.1;
  const there = optimizers.filter(isThere).map(o => o.name);
  const title = there.length === optimizers.length ? 'all come to a minimum'
      : there.length === 0 ? 'nobody comes to a minimum' : `${listed(there, 'come')} to a minimum`;
  const note = wayNote(saddle, optimizers);
  card(`paths-${saddle.name}`, `${saddle.name}: ${title} within ${spelled(saddle.steps)} steps`,
       `${note} The saddle is at (0, 0), the minima at (0, 1) and (0, -1); the stronger the color, the ` +
       'lower the loss. Dots: every tenth of the first hundred steps.',
       entriesOf(saddle), shown => ({
         series: [landscape(), ...optimizers.filter(o => shown(o.name)).map(o => ({
           type: 'line', name: o.name, data: place(o), color: paintOf(saddle, o), clip: true, z: 3,
           lineStyle: {width: 2, color: paintOf(saddle, o)}, emphasis: {disabled: true}, showSymbol: true,
           symbolSize: 7, symbol: (_, {dataIndex}) => isTenth(o.way.steps[dataIndex]) ? 'circle' : 'none',
         }))],
         xAxis: {type: 'value', name: 'x', min: -0.6, max: 1.2, interval: 0.3, splitLine: {show: false}, axisLine: {onZero: false},
                 axisLabel: {formatter: v => +v.toFixed(1)}},
         yAxis: {type: 'value', name: 'y', min: -1.5, max: 1.5, splitLine: {show: false},
                 axisLine: {onZero: false}},
         tooltip: {trigger: 'item', formatter: ({seriesName, dataIndex, data, color: paint}) =>
             tip(`${seriesName}, step ${optimizers.find(o => o.name === seriesName).way.steps[dataIndex]}`,
                 [[paint, '(x, y)', `(${data.map(v => v.toFixed(3)).join(', ')})`],
                  [paint, 'loss', height(data).toFixed(4)]])},
       }), {height: 420});
}

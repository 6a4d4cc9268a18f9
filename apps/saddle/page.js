'use strict';
// Draws how optimizers escape from saddles: the steps they take, and the way of one seed.

const {saddles, seeds, limit, start} = content;
const never = Infinity;
const stepsOf = value => value ?? never;
const spelled = steps => steps === never ? 'never' : steps.toLocaleString('en');
const after = steps => steps === never ? 'never'
    : `after ${spelled(steps)} step${steps === 1 ? '' : 's'}`;

/** The median as in the tables: of an even number, the larger of the two in the middle. */
const median = list => [...list].sort((a, b) => a - b)[list.length >> 1];
const medianOf = (optimizer, k) => median(optimizer.escapes[k].map(stepsOf));
const numberOf = (saddle, optimizer) =>
    colorNumbers(saddle.optimizers.map(o => o.name))[saddle.optimizers.indexOf(optimizer)];
const paintOf = (saddle, optimizer) => color(numberOf(saddle, optimizer));
const entriesOf = saddle => () => saddle.optimizers.map(o => [o.name, paintOf(saddle, o)]);

// ---- steps over seeds

const dots = 50;  // seeds whose steps are drawn

/** Where "never" is drawn, beyond all steps. */
const edge = 2 * limit;

function escapeTitle(saddle) {
  const k = saddle.directions.length - 1;
  const [quick, slow] = [1, -1].map(sign => best(saddle.optimizers, o => sign * Math.min(medianOf(o, k), edge)));
  const [few, many] = [medianOf(quick, k), medianOf(slow, k)];
  if (few === never) return `${saddle.name}: nobody escapes in direction ${saddle.directions[k]} (median)`;
  return `${saddle.name}: in direction ${saddle.directions[k]} ${quick.name} has escaped ` +
      `${after(few)}${many === few ? '' : `, ${slow.name} ${after(many)}`}${seeds > 1 ? ' (median)' : ''}`;
}

function drawEscapes(saddle) {
  const {optimizers, directions} = saddle;
  const place = (k, i) => k + 0.7 * ((i + 0.5) / optimizers.length - 0.5);
  const shake = seed => 0.1 * (((seed * 0.618) % 1) - 0.5);  // so that equal steps stay apart
  const at = steps => Math.min(steps, edge);
  const all = optimizers.flatMap(o => o.escapes.flat().map(stepsOf));
  const hasNever = all.includes(never);
  const most = all.filter(s => s !== never).reduce((a, b) => Math.max(a, b), 1);
  const least = all.reduce((a, b) => Math.min(a, b), most);
  const axis = logAxis([least / 1.2, hasNever ? edge : most], 'steps (log)');
  const ticks = hasNever ? [...axis.axisLabel.customValues.filter(v => v <= limit), edge]
                         : axis.axisLabel.customValues;
  const labels = ticks.filter(v => !hasNever || v <= limit / 4 || v === edge);  // "never" needs room
  const point = (steps, y, k, seed) => ({value: [at(steps), y], k, seed});
  card(`escape-${saddle.name}`, escapeTitle(saddle),
       'Steps until a direction has come half the way from the saddle to the minimum: a dot for each ' +
       `seed${seeds > dots ? ` (the first ${dots} of ${seeds})` : ''}, a diamond at the median` +
       (hasNever ? `; never: not within ${spelled(limit)} steps, or the loss ends no lower than it starts.` : '.'),
       entriesOf(saddle), shown => ({
         series: optimizers.map((o, i) => [o, i]).filter(([o]) => shown(o.name)).flatMap(([o, i]) => [
           {type: 'scatter', name: o.name, color: paintOf(saddle, o), symbolSize: 6,
            itemStyle: {opacity: 0.45}, emphasis: {disabled: true},
            data: directions.flatMap((_, k) => o.escapes[k].slice(0, dots).map((steps, seed) =>
                point(stepsOf(steps), place(k, i) + shake(seed), k, seed)))},
           {type: 'scatter', name: o.name, color: paintOf(saddle, o), symbol: 'diamond', symbolSize: 15,
            itemStyle: {borderColor: ink('card'), borderWidth: 1.5}, emphasis: {disabled: true}, z: 4,
            data: directions.map((_, k) => point(medianOf(o, k), place(k, i), k))},
         ]),
         grid: {left: 12, right: 30},
         xAxis: {...axis, axisLine: {onZero: false}, axisTick: {show: false, customValues: ticks},
                 axisLabel: {customValues: labels,
                             formatter: v => v >= edge && hasNever ? 'never' : +v}},
         yAxis: {type: 'value', inverse: true, min: -0.5, max: directions.length - 0.5, interval: 0.5,
                 splitLine: {interval: 1, lineStyle: {color: ink('line')}},
                 axisLabel: {formatter: v => directions[v] ?? '', hideOverlap: false}},
         tooltip: {trigger: 'item', formatter: ({data: {k, seed}, seriesName, color: paint}) => {
           const o = optimizers.find(other => other.name === seriesName);
           const sorted = o.escapes[k].map(stepsOf).sort((a, b) => a - b);
           const own = seed === undefined ? [] : [[paint, `seed ${seed}`, spelled(stepsOf(o.escapes[k][seed]))]];
           return tip(`${seriesName}, ${directions[k]}`, [
             ...own, [paint, 'median', spelled(median(sorted))], [paint, 'least', spelled(sorted[0])],
             [paint, 'most', spelled(last(sorted))]]);
         }},
       }), {wide: true, height: 110 + 90 * Math.max(2, directions.length)});
}

// ---- the way of one seed

/** Which seed the way is of, and which of these optimizers diverged. */
function wayNote(saddle, optimizers) {
  const lost = optimizers.filter(o => o.way.diverged !== null)
      .map(o => ` ${o.name} diverged ${after(o.way.diverged)}.`);
  return `The way of seed ${saddle.seed}, from the same start for all.${lost.join('')}`;
}

/** [step, value(i)] of the moments of a way, from step 1 on: the axis of steps is logarithmic. */
const course = ({steps}, value) => steps.map((s, i) => [s, value(i)]).filter(([s]) => s >= 1);
const stepAxis = saddle => {
  const axis = logAxis([1, saddle.steps], 'step (log)');
  return {...axis, min: 1, max: saddle.steps,
          axisLabel: {...axis.axisLabel, showMaxLabel: true, alignMaxLabel: 'right'}};
};
const groupsOf = saddle => saddle.optimizers.filter(o => last(o.way.steps) >= 1)
    .map(o => ({name: o.name, number: numberOf(saddle, o), way: o.way}));

function drawLosses(saddle) {
  const [least, most] = [1e-7, 1e3];  // smaller losses are noise of float32
  const groups = groupsOf(saddle);
  if (groups.length === 0) return;
  const above = ({way}, i) => Math.max(way.losses[i] ?? Infinity, least);
  const down = g => stepsOf(g.way.fallen);
  const [quick, slow] = [1, -1].map(sign => best(groups, g => sign * Math.min(down(g), edge)));
  const title = down(quick) === never ? 'nobody comes down to 1 % of the loss'
      : `${quick.name} comes down to 1 % of the loss ${after(down(quick))}` +
        (down(slow) === down(quick) ? '' : `, ${slow.name} ${after(down(slow))}`);
  lineCard(`loss-${saddle.name}`, `${saddle.name}: ${title}`,
           `${wayNote(saddle, saddle.optimizers)} The rates stay as they are. What lies below ` +
           `${least} or above ${most} is drawn there.`, groups, {
             thick: g => course(g.way, i => Math.min(above(g, i), most)), thin: () => [],
             x: stepAxis(saddle), y: e => logAxis(e, 'loss above the minimum (log)'),
             text: v => short(v), unit: 'step', wide: saddle.directions.length > 1,
           });
}

/** Which of these directions, [name, steps], comes half the way first, and which last. */
function progressTitle(directions) {
  const taken = directions.filter(([, steps]) => steps !== never);
  if (taken.length === 0) return 'no direction is taken';
  const [first, final] = [1, -1].map(sign => best(taken, ([, steps]) => sign * steps));
  const rest = directions.length - taken.length;
  return (first[1] === final[1]
      ? `${listed(taken.map(([name]) => name), 'come')} half the way ${after(first[1])}`
      : `${first[0]} comes half the way ${after(first[1])}, ${final[0]} ${after(final[1])}`) +
      (rest > 0 ? `; ${rest} never` : '');
}

/** For each optimizer, how far each direction has come. */
function drawProgress(saddle) {
  const {directions, optimizers} = saddle;
  const paint = k => ramp(1 - k / directions.length);
  for (const o of optimizers) {
    const title = progressTitle(directions.map((name, k) => [name, stepsOf(o.escapes[k][saddle.seed])]));
    const isCut = o.way.progress.flat().some(v => v === null || v < -1 || v > 2);
    const cut = isCut ? ' What lies beyond -1 and 2 is drawn there.' : '';
    card(`progress-${o.name}`, `${o.name}: ${title}`, wayNote(saddle, [o]) + cut,
         () => directions.map((name, k) => [name, paint(k)]), shown => ({
           series: directions.map((name, k) => ({
             type: 'line', name, color: paint(k), showSymbol: false, silent: true,
             emphasis: {disabled: true}, lineStyle: {width: 2.5, color: paint(k)},
             data: course(o.way, i => Math.min(Math.max(o.way.progress[i][k] ?? 2, -1), 2)),
           })).filter(line => shown(line.name)),
           xAxis: stepAxis(saddle),
           yAxis: {type: 'value', name: 'way to the minimum', max: v => Math.max(1.2, Math.ceil(5 * v.max) / 5),
                   min: v => Math.min(0, Math.floor(5 * v.min + 0.25) / 5)},
           tooltip: {formatter: params => tip(`step ${spelled(params[0].axisValue)}`, params.map(p =>
               [p.color, p.seriesName, p.value[1].toFixed(3)]))},
         }));
  }
}

// ---- in words

function writeEscapes(saddle) {
  const names = saddle.optimizers.map(o => `${o.name}, rate ${o.lr}`);
  document.getElementById('summary').append(
      element('h2', {style: 'margin-top: 8px'}, `${saddle.name}: steps to escape`),
      element('p', {class: 'note'}, `${saddle.about}. The median of ${seeds} seed${seeds === 1 ? '' : 's'}` +
              `${seeds === 1 ? '' : ', the least and the most'}.`),
      table(['direction', ...names], saddle.directions.map((name, k) =>
          [name, ...saddle.optimizers.map(o => o.medians[k])])));
}

writeHead('How optimizers escape from saddle points', 'Near a saddle the gradient is almost zero, and ' +
          'yet the loss falls in some directions. How many steps an optimizer takes depends on its ' +
          'rate, too. The starts are off the saddle, ' +
          `or off the ridge that leads to it, by normal draws of deviation ${start}.`);
for (const saddle of saddles) {
  writeEscapes(saddle);
  drawEscapes(saddle);
  if (saddle.directions.length > 1) drawProgress(saddle);
  drawLosses(saddle);
  if (saddle.optimizers[0].way.places.length > 0) drawPaths(saddle);
}
writeMade(content.making);

'use strict';
// Draws what Newton-Schulz steps make of a matrix: singular values, the error, and the polynomials
// behind the steps.

const {paths, normalized, exact, indices, count, rank} = content;
const [rows, columns] = content.shape;
const steps = paths[0].stages.length;
const inSteps = steps === 1 ? '1 step' : `${steps} steps`;
const take = steps === 1 ? 'takes' : 'take';
const isFew = count <= 4;
const theFinal = path => last(path.stages);
const stagesOf = path => [normalized, ...path.stages];  // indexed by the number of steps
const span = values => values.length === 1 || values[0] === last(values) ? short(values[0], 2)
    : `[${short(last(values), 2)}, ${short(values[0], 2)}]`;

/** At most `most` of 0, 1, ..., length - 1, evenly chosen, the first and the last among them. */
function some(length, most) {
  const all = Array.from({length: Math.min(length, most)}, (_, i) =>
      Math.round(i * (length - 1) / Math.max(1, Math.min(length, most) - 1)));
  return [...new Set(all)];
}

// ---- singular values

const floor = 1e-7;  // what rounding to float32 makes of zero
const raised = value => Math.max(value ?? floor, floor);
const lowest = paths.flatMap(stagesOf).some(s => s.values.some(v => v < floor))
    ? ` What lies below ${floor} is drawn there.` : '';
const thinned = indices.length < count ? ` ${indices.length} of ${count} singular values are drawn.` : '';
const everyValue = paths.flatMap(stagesOf).flatMap(s => s.values).map(raised);
const valueAxis = () => logAxis([everyValue.reduce((a, b) => Math.min(a, b)),
                                 everyValue.reduce((a, b) => Math.max(a, b), 1)],
                                'singular value σ (log)');
const lineOf = (name, paint, data, style = {}) => ({
  type: 'line', name, data, color: paint, showSymbol: false, silent: true,
  lineStyle: {width: 2.5, color: paint, ...style}, emphasis: {disabled: true}, z: 3,
});
const tipOf = (unit, text, paintOf) => params => tip(`${unit} ${params[0].axisValue}`,
    params.filter(p => p.seriesName && paintOf(p.seriesName)).map(p =>
        [paintOf(p.seriesName), p.seriesName, text(p.value[1])]));

/** The named lines, [name, index]: each singular value when they are few, else quantiles. */
const quantiles = [['largest', 0], ['90 %', 0.1], ['median', 0.5], ['10 %', 0.9], ['smallest', 1]];
const namedValues = isFew ? indices.map(k => [`σ${k + 1}`, k])
    : quantiles.map(([name, q]) => [name, Math.round(q * (indices.length - 1))]);

function drawValues(path) {
  const each = 'every σ';
  const paint = i => isFew ? color(i) : ramp(i / (namedValues.length - 1));
  const entries = () => [...namedValues.map(([name], i) => [name, paint(i)]),
                         ...(isFew ? [] : [[each, gray()]])];
  const course = k => stagesOf(path).map((stage, i) => [i, raised(stage.values[k])]);
  card(`values-${path.set}`, `${path.set}: ${inSteps} ${take} σ from ${span(normalized.values)} to ` +
       span(theFinal(path).values),
       `Step 0 is M / |M|, what the steps begin with; U Vᵀ has all at 1.${thinned}${lowest}`, entries,
       shown => ({
         series: [
           ...(isFew || !shown(each) ? [] : indices.map((_, k) =>
               ({...lineOf('', gray(), course(k), {width: 1, opacity: 0.3}), z: 2}))),
           ...namedValues.map(([name, k], i) => [name, lineOf(name, paint(i), course(k))])
               .filter(([name]) => shown(name)).map(([, line]) => line),
         ],
         xAxis: {type: 'value', name: 'step', minInterval: 1, max: steps},
         yAxis: valueAxis(),
         tooltip: {formatter: tipOf('step', v => short(v),
                                    name => entries().find(([n]) => n === name)?.[1])},
       }));
}

/** A card with the spectra of stages(), [name, color, stage]. */
function spectrumCard(id, title, note, stages) {
  card(id, title, `${note}${thinned}${lowest}`, () => stages().map(([name, paint]) => [name, paint]),
       shown => ({
         series: stages().filter(([name]) => shown(name)).map(([name, paint, stage]) =>
             lineOf(name, paint, indices.map((k, i) => [k + 1, raised(stage.values[i])]))),
         xAxis: {type: 'value', name: 'number of the singular value, largest first', min: 1, max: count,
                 axisLabel: {showMinLabel: true}},
         yAxis: valueAxis(),
         tooltip: {formatter: tipOf('σ number', v => short(v),
                                    name => stages().find(([n]) => n === name)?.[1])},
       }));
}

const share = stage => `${stage.near_one} of ${count}`;
const lie = stage => stage.near_one === 1 ? 'lies' : 'lie';
const before = 'M / |M|';

function drawSpectra() {
  for (const path of paths) {
    const stages = () => some(steps, 6).map((i, j, all) => [`step ${i + 1}`,
        ramp((j + 1) / all.length), path.stages[i]]);
    const end = theFinal(path);
    spectrumCard(`spectrum-${path.set}`, `${path.set}: ${share(end)} singular values ${lie(end)} ` +
                 `between 0.5 and 1.5 after ${inSteps}, ${share(normalized)} before`,
                 'The flatter a line, the more alike all directions count.',
                 () => [[before, gray(), normalized], ...stages()]);
  }
  if (paths.length === 1) return;
  const most = best(paths, p => -theFinal(p).near_one);
  const isMost = path => theFinal(path).near_one === theFinal(most).near_one;
  spectrumCard('spectra', `After ${inSteps} ${most.set} has ${share(theFinal(most))} singular values ` +
               'between 0.5 and 1.5' + (paths.every(isMost) ? ', as all have' : ', the most'),
               'The last step of each set.', () => [[before, gray(), normalized],
                   ...paths.map((p, i) => [p.set, color(i), theFinal(p)])]);
}

// ---- error

function drawErrors() {
  const groups = paths.map((path, number) => ({name: path.set, number, path}));
  const least = 1e-9;  // below any error of float32, except 0
  const end = g => theFinal(g.path).error ?? Infinity;
  const low = best(groups, end);
  const title = groups.length > 1 ? `${low.name} comes nearest to U Vᵀ in ${inSteps}: error ${short(end(low))}`
      : `${low.name}: the error goes from ${short(normalized.error)} to ${short(end(low))} in ${inSteps}`;
  const note = rank < count ? ` What M lacks (its rank is ${rank} of ${count}) stays in it.` : '';
  lineCard('error', title, `|X - U Vᵀ| / |U Vᵀ|, in Frobenius norms.${note}`, groups, {
    thick: g => stagesOf(g.path).map((stage, i) => [i, Math.max(stage.error ?? least, least)]),
    thin: () => [],
    x: {name: 'step', minInterval: 1}, y: e => logAxis(e, 'error (relative, log)'),
    text: v => short(v), unit: 'step', symbols: true,
  });
}

// ---- the polynomials

const step = ([a, b, c], x) => x * (a + x * x * (b + x * x * c));
const compose = (coefficients, x) => coefficients.reduce((y, p) => step(p, y), x);

function drawPolynomials(path) {
  const {set, coefficients} = path;
  const same = p => JSON.stringify(p);
  const distinct = coefficients.filter((p, i) => coefficients.findIndex(q => same(q) === same(p)) === i);
  const single = distinct.map(p => {
    const numbers = coefficients.map((q, i) => same(q) === same(p) ? i + 1 : 0).filter(Boolean);
    return [numbers.length > 1 ? `p of steps ${numbers[0]} to ${last(numbers)}`
                               : `p of step ${numbers[0]}`, [p]];
  });
  const all = `all ${inSteps}`;
  const lines = coefficients.length > 1 ? [...single, [all, coefficients]] : single;
  const paint = i => i === lines.length - 1 ? color(0) : ramp((i + 1) / lines.length);
  const places = Array.from({length: 801}, (_, i) => (i / 800) ** 2);  // more where lines are steep
  const ends = Array.from({length: 2001}, (_, i) => compose(coefficients, 10 ** (-2 + i / 1000)));
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const isLeft = document.querySelectorAll('#charts .card').length % 2 === 0;
  card(`polynomial-${set}`, `${set}: ${inSteps} ${take} every σ in [0.01, 1] into ` +
       `[${short(low)}, ${short(high)}]`,
       'A step is p(σ) = a σ + b σ³ + c σ⁵ for every singular value by itself. The dashed line is 1.',
       () => lines.map(([name], i) => [name, paint(i)]), shown => ({
         series: lines.map(([name, list], i) => ({
           ...lineOf(name, paint(i), places.map(x => [x, compose(list, x)]),
                     {width: i === lines.length - 1 ? 2.5 : 1.5}),
           markLine: i > 0 ? undefined : {silent: true, symbol: 'none', label: {show: false},
                                          lineStyle: {color: ink('quiet'), type: 'dashed'},
                                          data: [{yAxis: 1}]},
         })).filter(line => shown(line.name)),
         xAxis: {type: 'value', name: 'σ before', min: 0, max: 1},
         yAxis: {type: 'value', name: 'σ after', min: 0},
         tooltip: {formatter: params => tip(`σ = ${short(params[0].axisValue)}`, lines
             .map(([name, list], i) => [paint(i), name, list])
             .filter(([, name]) => shown(name)).map(([line, name, list]) =>
                 [line, name, short(compose(list, params[0].axisValue))]))},
       }), {wide: isLeft && paths.length === 1});
}

// ---- in words

const isPlane = rows === 2 && columns === 2;
const matrixText = x => element('code', {style: 'white-space: pre'},
    x.map(row => row.map(v => (Math.abs(v) < 5e-4 ? 0 : v).toFixed(3).padStart(7)).join('')).join('\n'));

function writeStages() {
  const one = paths.length === 1;
  const head = [one ? paths[0].set : 'at the end', ...(isPlane ? ['X'] : []),
                ...namedValues.map(([name]) => isFew ? name : `${name} σ`), 'error'];
  const line = (name, stage, error = true) =>
      [name, ...(isPlane ? [matrixText(stage.x)] : []),
       ...namedValues.map(([, k]) => stage.values[k] < 1e-12 ? '0' : short(stage.values[k])),
       error ? short(stage.error) : ''];
  const middle = one ? some(steps, 20).map(i => line(`step ${i + 1}`, paths[0].stages[i]))
                     : paths.map(path => line(path.set, theFinal(path)));
  writeTable('What the steps make of M', 'σ: singular values of X; error: |X - U Vᵀ| / |U Vᵀ|.' +
             (steps > 20 && one ? ' Some of the steps.' : ''), head,
             [line('M', content.start, false), line(before, normalized), ...middle,
              line('exact, U Vᵀ', exact)]);
}

function writeFinding() {
  const lacks = rank < count ? ` M has rank ${rank} of ${count}: what it lacks stays zero, and U Vᵀ ` +
      'is one answer of many.' : '';
  writeHead(`${inSteps} towards U Vᵀ`, `M: ${rows} x ${columns}, ` +
            `singular values ${span(content.start.values)}; products in ${content.precision}. ` +
            'Newton-Schulz steps leave the directions of M = U S Vᵀ and take every singular value ' +
            `towards 1, as Muon does with its momentum.${lacks}`);
}

writeFinding();
writeStages();
if (isPlane) paths.forEach(drawPlane);
if (content.gram_schmidt) drawGramSchmidt();
paths.forEach(drawValues);
if (!isFew) drawSpectra();
drawErrors();
paths.forEach(drawPolynomials);
if (content.start.x && !isPlane && rows * columns > 1) drawMatrices();
writeMade(content.making);

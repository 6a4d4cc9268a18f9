'use strict';
// Draws what --telemetry observed: how many directions gradients, momenta and updates use.

for (const group of groups) {
  group.observed = (group.comparison.telemetry ?? [])
      .filter(run => run.optimizer === group.optimizer && run.lines[0].matrices.length > 0);
}
const watched = groups.filter(g => g.observed.length > 0);

// ---- what is drawn

const kinds = {update: 'updates', momentum: 'momenta', gradient: 'gradients'};
const chosen = {parameter: '', kind: 'update', step: 0, group: watched[0]};

const matrixIn = line => line?.matrices.find(matrix => matrix.parameter === chosen.parameter);

/** The matrices of all models, each once: {parameter, shape, role}. */
function matricesOf(list) {
  const all = new Map();
  for (const group of list) {
    for (const {parameter, shape} of group.observed[0].lines[0].matrices) {
      const named = (group.comparison.parameters ?? []).find(p => p.parameter === parameter);
      if (!all.has(parameter)) all.set(parameter, {parameter, shape, role: named?.role ?? ''});
    }
  }
  return [...all.values()];
}

/** [step, value] of the number at `path` in the chosen matrix, for the steps that have it. */
const courseOf = (run, path) => run.lines
    .map(line => [line.step, path.split('/').reduce((part, key) => part?.[key], matrixIn(line))])
    .filter(([, value]) => value != null);
/** The same, with the lowest and the highest value of all steps that were observed. */
function wholeCourse(run, path) {
  const extremes = run.extremes[chosen.parameter]?.[path] ?? [];
  return [...new Map([...extremes, ...courseOf(run, path)])].sort((a, b) => a[0] - b[0]);
}
/** The same as the mean over the runs of a group, for the steps that all of them have. */
function meanCourse(group, path) {
  const courses = group.observed.map(run => new Map(courseOf(run, path)));
  return [...courses[0].keys()].filter(step => courses.every(course => course.has(step)))
      .map(step => [step, mean(courses.map(course => course.get(step)))]);
}
const average = (group, path) => mean(meanCourse(group, path).map(([, value]) => value));

// ---- cards that change with the choice

const redraws = [];
const redraw = () => redraws.forEach(again => again());

/** A card of what make() returns for the current choice: {title, note, list, option}. */
function choiceCard(id, make, layout) {
  let now = make();
  const figure = card(id, now.title, now.note, () => entries(now.list)(),
                      shown => now.option(shown), layout);
  const again = () => {
    now = make();
    figure.querySelector('h2').textContent = now.title;
    figure.querySelector('.note').textContent = now.note;
    figure.redraw();
  };
  redraws.push(again);
  return {figure, again};
}

/** A card with a line over the steps for each group that has the number at describe().path. */
function courseCard(id, describe, layout) {
  return choiceCard(id, () => {
    const {path, y, text, ...words} = describe();
    const list = watched.filter(g => meanCourse(g, path).length > 0);
    const isOne = g => g.observed.length === 1;
    const thick = g => (isOne(g) ? wholeCourse(g.observed[0], path) : meanCourse(g, path));
    const thin = g => (isOne(g) ? [] : g.observed.map(run => wholeCourse(run, path)));
    const option = shown => ({
      series: lines(list, thick, thin, shown, false),
      xAxis: {type: 'value', min: 'dataMin', max: 'dataMax', name: 'step (one batch)',
              axisLabel: {showMaxLabel: false}},
      yAxis: y(list.length > 0 ? extent(list, thick, thin) : [1, 1]),
      tooltip: {formatter: tipAt(list, thick, 'step', text, shown)},
    });
    return {...words, title: words.title(list), list, option};
  }, layout);
}

/** Buttons, one of them pressed: options are [value, text]. A click calls choose(value). */
function choice(label, options, start, choose) {
  const buttons = options.map(([value, text]) => {
    const button = element('button', {type: 'button', 'aria-pressed': value === start}, text);
    button.onclick = () => {
      buttons.forEach(other => other.setAttribute('aria-pressed', other === button));
      choose(value);
    };
    return button;
  });
  return element('div', {class: 'choice', role: 'group', 'aria-label': label},
                 element('span', {}, label), ...buttons);
}

const overSteps = '; in the title the mean over the steps drawn.';
const firstSeed = watched.some(g => g.observed.length > 1) ? ' First seed.' : '';
const inPercent = value => `${short(100 * value, 2)}\u00a0%`;
/** "muon's BEFORE 93 % AFTER, adamw's 20 %, sgd's 13 %": at most four, the `from` end first. */
function compared(list, of, text, before, after, from = 'largest') {
  const rows = list.map(g => [g.name, of(g)]).sort((a, b) => b[1] - a[1]);
  if (from === 'smallest') rows.reverse();
  const some = rows.length > 4 ? [...rows.slice(0, 2), ...rows.slice(-2)] : rows;
  return some.map(([name, value], i) =>
      `${name}'s ${i === 0 ? `${before} ${text(value)} ${after}` : text(value)}`).join(', ');
}

// ---- the figures

function drawChoice() {
  const all = matricesOf(watched);
  const size = matrix => matrix.shape[0] * matrix.shape[1];
  const hidden = all.filter(matrix => matrix.role === 'hidden');
  chosen.parameter = best(hidden.length > 0 ? hidden : all, matrix => -size(matrix)).parameter;
  const longest = best(watched.flatMap(g => g.observed), run => -run.observed);
  const {observed, lines: {length}} = longest;
  const thinned = length === observed ? `${observed} steps were observed.`
      : `${length} of ${observed} observed steps are drawn, the first and the last among them; lines ` +
        'of single runs also pass through the lowest and the highest value of all.';
  const matrices = all.map(({parameter, shape: [rows, columns]}) =>
      [parameter, `${parameter} ${rows} × ${columns}`]);
  const section = element('section', {class: 'card wide', id: 'spectra'},
      element('h2', {}, 'Inside the updates'),
      element('p', {class: 'note'}, `${thinned} A matrix has as many singular values as directions ` +
          'that it can move in at once; of more than 64, 64 at equal distances are drawn.'),
      choice('Matrix', matrices, chosen.parameter, value => {
        chosen.parameter = value;
        redraw();
      }));
  document.getElementById('charts').append(section);
}

function drawRanks() {
  const {figure, again} = courseCard('rank-by-step', () => {
    const path = `${chosen.kind}/effective_rank`;
    const full = Math.min(...matricesOf(watched).find(m => m.parameter === chosen.parameter).shape);
    const share = rank => inPercent(rank / full);
    return {
      path,
      title: list => compared(list, g => average(g, path), share, `${kinds[chosen.kind]} use`,
                              `of the directions of ${chosen.parameter}`) ||
          `No ${kinds[chosen.kind]} of ${chosen.parameter} are kept here`,
      note: 'Effective rank exp(−Σ p ln p) of the singular values s, with p = s / Σ s (Roy, Vetterli ' +
          `2007), as a share of full rank${overSteps}`,
      y: () => ({type: 'value', name: 'effective rank (% of full)', min: 0, max: full,
                 interval: full / 5, axisLabel: {formatter: v => `${Math.round(100 * v / full)}`}}),
      text: share,
    };
  }, {wide: true});
  figure.querySelector('.legend').before(
      choice('Of', Object.entries(kinds), chosen.kind, value => {
        chosen.kind = value;
        again();
      }));
}

/** The spectrum of one kind in a line: [% of the values before this one, s / the largest s]. */
function spectrumIn(line, kind) {
  const values = matrixIn(line)?.[kind]?.singular_values ?? [];
  if (values.length < 2 || values[0] === 0) return [];
  return values.map((s, i) => [100 * i / (values.length - 1), Math.max(s / values[0], lowest)]);
}
const lowest = 1e-8;  // far below the rounding of float32

function drawSpectrum() {
  const lineOf = (g, step = chosen.step) => g.observed[0].lines.find(line => line.step === step);
  const steps = [...new Set(watched.flatMap(g => g.observed[0].lines.map(line => line.step)))];
  steps.sort((a, b) => b - a);  // the last first, because best() returns the first of equals
  chosen.step = best(steps, step => -watched.filter(g => lineOf(g, step)).length);
  steps.reverse();
  const thick = g => spectrumIn(lineOf(g), 'update');
  const thin = g => [spectrumIn(lineOf(g), 'gradient')].filter(data => data.length > 0);
  const middle = g => thick(g)[thick(g).length >> 1][1];
  const {figure, again} = choiceCard('spectrum', () => {
    const list = watched.filter(g => thick(g).length > 0);
    const option = shown => ({
      series: lines(list, thick, thin, shown, false),
      xAxis: {type: 'value', min: 0, max: 100, name: 'singular values, from the largest on (%)'},
      yAxis: logAxis(list.length > 0 ? extent(list, thick, thin) : [1, 1], 'of the largest (log)'),
      tooltip: {formatter: params => {
        const node = tipAt(list, thick, '', v => short(v, 2), shown)(params);
        node.firstChild.textContent = `${short(params[0].axisValue, 2)} % of them are larger`;
        return node;
      }},
    });
    return {
      title: `Step ${chosen.step.toLocaleString('en')}: ` +
          (compared(list, middle, inPercent, 'middle singular value is', 'of the largest') ||
           `no spectra of ${chosen.parameter}'s updates to draw`),
      note: `Singular values of ${chosen.parameter}'s update, thick, and gradient, thin, of the ` +
          'optimizers that have this step. Flat tails of updates are rounding of the weights, or ' +
          `their decay.${firstSeed}`,
      list, option,
    };
  });
  const slider = element('input', {type: 'range', min: 0, max: steps.length - 1,
                                   value: steps.indexOf(chosen.step), 'aria-label': 'Step'});
  const place = element('output', {}, chosen.step.toLocaleString('en'));
  slider.oninput = () => {
    chosen.step = steps[slider.value];
    place.textContent = chosen.step.toLocaleString('en');
    slider.setAttribute('aria-valuetext', `step ${place.textContent}`);
    again();
  };
  figure.querySelector('.legend').before(
      element('div', {class: 'choice'}, element('span', {}, 'Step'), slider, place));
}

const shades = ['#440154', '#414487', '#2a788e', '#22a884', '#7ad151', '#fde725'];  // viridis

/** The spectra of one optimizer's updates, a column for each step. */
function drawMap() {
  const tick = -4;  // the last power of ten that has a shade of its own
  const {figure, again} = choiceCard('spectra-by-step', () => {
    const spectra = chosen.group.observed[0].lines.filter(line => matrixIn(line))
        .map(line => [line.step, spectrumIn(line, 'update')]).filter(([, data]) => data.length > 0);
    const rows = Math.min(32, ...spectra.map(([, data]) => data.length));
    const at = (data, row) => data[Math.round(row * (data.length - 1) / Math.max(1, rows - 1))];
    const cells = spectra.flatMap(([, data], column) => Array.from({length: rows}, (_, row) =>
        [column, row, Math.log10(at(data, row)[1])]));
    const tenth = spectra.map(([, data]) => data.filter(([, s]) => s >= 0.1).length / data.length);
    return {
      title: `${chosen.group.name}: ` + (tenth.length > 0
          ? `${inPercent(mean(tenth))} of an update's singular values reach a tenth of the largest`
          : `no spectra of ${chosen.parameter}'s updates to draw`),
      note: `A column is the update of ${chosen.parameter} in one step, its singular values from the ` +
          `largest, at the top, to the smallest${overSteps}${firstSeed}`,
      list: [],
      option: () => ({
        grid: {left: 14, bottom: 66},
        xAxis: {type: 'category', name: 'step (one batch)', data: spectra.map(([step]) => step)},
        yAxis: {type: 'category', inverse: true, name: '', data: Array.from({length: rows}, (_, i) => i),
                axisLabel: {interval: 0, formatter: (_, i) => ({
                  0: 'largest', [rows >> 1]: 'middle', [rows - 1]: 'smallest'}[i] ?? '')}},
        visualMap: {min: tick, max: 0, orient: 'horizontal', left: 'center', bottom: 0, itemHeight: 120,
                    itemWidth: 12, text: ['largest', '≤ 1/10000'], textStyle: {color: ink('quiet')},
                    inRange: {color: shades}},
        tooltip: {trigger: 'item', formatter: ({value: [column, row, size]}) =>
            tip(`step ${spectra[column][0].toLocaleString('en')}`,
                [[color(chosen.group.number), `after ${short(at(spectra[column][1], row)[0], 2)} %`,
                  `${short(10 ** size, 2)} of the largest`]])},
        series: [{type: 'heatmap', data: cells, progressive: 0, emphasis: {disabled: true}}],
      }),
    };
  });
  figure.querySelector('.legend').before(
      choice('Optimizer', watched.map(g => [g, g.name]), chosen.group, group => {
        chosen.group = group;
        again();
      }));
}

function drawNumbers() {
  const distance = 'update/distance_from_orthogonality';
  courseCard('orthogonality', () => ({
    path: distance,
    title: list => compared(list, g => average(g, distance), v => short(v, 2),
                            `updates of ${chosen.parameter} are`, 'from orthogonal', 'smallest') ||
        `No update of ${chosen.parameter} is above zero`,
    note: `Relative deviation of an update's singular values from their mean: 0 when all are equal${overSteps}`,
    y: () => ({type: 'value', name: 'distance from orthogonality', min: 0}), text: v => short(v),
  }));
  courseCard('update-ratio', () => ({
    path: 'update_ratio',
    title: list => compared(list, g => average(g, 'update_ratio'), inPercent,
                            `steps move ${chosen.parameter} by`, 'of its norm') ||
        `All weights of ${chosen.parameter} are zero`,
    note: `Frobenius norm of the update over that of the weights${overSteps}`,
    y: e => logAxis(e, 'update / weights (log)'), text: v => short(v),
  }));
  courseCard('weight-norm', () => ({
    path: 'weight_norm',
    title: normTitle,
    note: 'Frobenius norm of the weights before each step.',
    y: () => ({type: 'value', scale: true, name: 'norm of the weights'}), text: v => short(v),
  }), {wide: true});
}

function normTitle(list) {
  if (list.length === 0) return 'Norm of the weights';
  const ends = g => [meanCourse(g, 'weight_norm')[0][1], last(meanCourse(g, 'weight_norm'))[1]];
  const change = ([from, to]) => Math.abs(to - from) / Math.max(from, lowest);
  const most = best(list, g => -change(ends(g)));
  const [first, end] = ends(most).map(v => short(v));
  const name = `${most.name}'s ${chosen.parameter}`;
  if (first === end) return `${name} keeps its norm of ${first}`;
  return `${name} ${list.length > 1 ? 'changes most: its norm' : 'has a norm that'} goes from ${first} to ${end}`;
}

if (watched.length > 0) {
  drawChoice();
  drawRanks();
  drawSpectrum();
  drawMap();
  drawNumbers();
}

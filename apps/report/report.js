'use strict';
// Draws the comparisons, and says what they show.

const trained = groups.filter(hasEpochs);
const drawn = groups.filter(g => g.course.length > 0);
const standing = drawn.filter(g => g.stopped < g.runs.length && hasEpochs(g));
const percent = value => `${(100 * value).toFixed(2)} %`;
const fixed = value => short(value, 4);
const marked = 'thin: single seeds; thick: their mean';

/** A title. It names winners only when there are runs that can be compared and are at their end. */
const claim = (plain, list, claimed) =>
    !comparable || list.length === 0 ? plain : partly ? `${plain}, so far` : `${plain}: ${claimed(list)}`;

function drawCurves() {
  if (drawn.length === 0) return;
  const alike = key => new Set(drawn.map(key)).size === 1;
  const [curve] = drawn[0].means;
  const around = alike(g => windowOf(g.means[0]) * g.means[0].bucket)
      ? `${windowOf(curve) * curve.bucket} steps` : 'a 25th of its run';
  const thin = g => g.curves.map(r => r.curve.point_steps.map((s, i) => [s, r.curve.point_losses[i]]));
  const kept = !alike(g => g.means[0].bucket) ? 'the lowest and the highest of a few steps'
      : curve.bucket > 1 ? `the lowest and the highest of every ${curve.bucket} steps` : 'every step';
  const thick = g => g.course.map(([step, , loss]) => [step, loss]);
  const [bottom] = extent(drawn, thick, thin);
  const isCut = drawn.some(g => thin(g).some(data => data.some(p => p[1] < bottom)));
  const loss = e => logAxis(e, 'training loss (nats, log)');
  const lowest = list => {
    const low = best(list, g => g.loss);
    return `${low.name}'s last epoch has the ${list.length === 1 ? '' : 'lowest '}mean ${short(low.loss)}`;
  };
  const all = drawn.every(g => g.means.length === g.curves.length);
  const seeds = !several ? '' : all ? ' and all seeds' : ' and the seeds that came farthest';
  lineCard('loss-by-step', claim('Loss by step', standing, lowest),
           `Thick: mean over ${around}${seeds}; thin: ${kept}` +
           (isCut ? '; the lowest of them lie below the axis.' : '.'), drawn, {
             thick, thin, wide: true,
             x: {name: 'step (one batch)', axisLabel: {showMaxLabel: false}},
             y: loss, text: fixed, unit: 'step',
           });

  const finish = g => last(g.course)[1];
  const fastest = list => {
    const first = best(list, finish);
    if (list.length === 1) return `done after ${short(finish(first))} s`;
    const ahead = best(list, g => best(g.course, p => Math.abs(p[1] - finish(first)))[2]);
    return ahead === first ? `${first.name}, done after ${short(finish(first))} s, when no other is as low`
        : `after ${short(finish(first))} s, when ${first.name} is done, ${ahead.name} is lowest`;
  };
  const race = comparable && standing.length > 1 ? 'Who wins the wall clock' : 'Loss against time';
  lineCard('loss-by-seconds', claim(race, standing, fastest),
           `Seconds of training alone; mean over ${around}.`, drawn, {
             thick: g => g.course.map(([, time, loss]) => [time, loss]), thin: () => [],
             x: {name: 'training time (s)', min: 0, axisLabel: {showMaxLabel: false}},
             y: loss, text: fixed, unit: 'second', wide: true,
           });
}

function drawEpochs() {
  if (!trained.some(g => g.ended[0].epochs.length > 1)) return;  // one point says what the table says
  const column = (runs, key) => runs.map(r => r.epochs.map(e => [e.epoch, e[key]]));
  const side = key => ({
    thick: g => meanRows(g.ended, r => column([r], key)[0]),
    thin: g => g.runs.length > 1 ? column(g.runs, key) : [],
    x: {name: 'epoch', minInterval: 1}, unit: 'epoch', symbols: true,
  });
  const lowest = list => {
    const low = best(list, g => g.loss);
    return `${low.name} comes down to ${short(low.loss)}`;
  };
  lineCard('loss-by-epoch', claim('Loss by epoch', trained, lowest),
           `Mean of an epoch's batch losses${several ? `; ${marked}` : ''}.`, trained,
           {...side('loss'), y: e => logAxis(e, 'training loss (nats, log)'), text: fixed});
  const highest = list => {
    const high = best(list, g => -g.accuracy);
    return `${high.name} gets ${percent(high.accuracy)} right`;
  };
  lineCard('accuracy', claim('Test accuracy by epoch', trained, highest),
           `On images never trained on${several ? `; ${marked}` : ''}.`, trained, {
             ...side('test_accuracy'), text: percent,
             y: () => ({type: 'value', scale: true, name: 'test accuracy (%)',
                        axisLabel: {formatter: v => +(100 * v).toFixed(2)}}),
           });
}

const orthogonalization = 'orthogonalization';

/** The parts of a step, [[part, ms]]. Orthogonalization is not in the optimizer's time. */
function timesOf(run) {
  if (!run.profile) {
    if (!run.curve || run.curve.steps === 0) return [];
    return [['whole step', 1000 * last(run.curve.seconds) / run.curve.steps]];
  }
  const inner = run.profile.parts.filter(p => p.depth === 1 && p.part === 'orthogonalize');
  const outer = run.profile.parts.filter(p => p.depth === 0).map(p => {
    const within = p.part === 'optimizer' ? sum(inner.map(i => i.ms)) : 0;
    return [p.part, p.ms - within];
  });
  const all = [...outer, ...inner.map(i => [orthogonalization, i.ms])];
  const order = ['data', 'forward', 'backward', 'optimizer', orthogonalization];
  const rank = ([name]) => order.includes(name) ? order.indexOf(name) : order.length;
  return all.sort((a, b) => rank(a) - rank(b));
}

/** The share of a step that orthogonalization takes. */
const shareOf = list => valueOf(list, orthogonalization) / sum(list.map(([, ms]) => ms));

/** [[kind, MiB]] at the peak of a step, without the data set, which is the same for all. */
function memoryOf(run) {
  const bytes = run.profile ? run.profile.bytes
      : {parameters: 4 * run.parameters, 'optimizer state': run.state_bytes};
  return Object.entries(bytes).filter(([kind, count]) => count > 0 && kind !== 'data set')
      .map(([kind, count]) => [kind, count / 2 ** 20]);
}

function drawBars() {
  const profiled = groups.some(g => g.runs.some(r => r.profile));
  const hint = profiled ? 'Orthogonalization is the optimizer\'s, too.'
                        : '--profile splits it into its parts.';
  const named = (g, list) => {  // the mean over the runs, part by part
    const names = [...new Set(list.flatMap(rows => rows.map(([name]) => name)))];
    return [g, names.map(name => [name, mean(list.map(rows => valueOf(rows, name)))])];
  };
  const alikeSteps = comparable && new Set(comparisons.map(c => c.batch_size)).size === 1;
  const total = ([, list]) => sum(list.map(([, v]) => v));
  const time = groups.map(g => named(g, g.runs.map(timesOf).filter(t => t.length > 0)))
      .filter(([, list]) => list.length > 0);
  if (time.length > 0) {
    const slow = best(time, r => -total(r));
    const fast = best(time, total);
    const share = shareOf(slow[1]);
    barCard('time', `Time of a step: ${slow[0].name} takes ${short(total(slow))} ms` +
            (slow === fast || !alikeSteps ? ''
                : `, ${short(total(slow) / total(fast), 2)} times ${fast[0].name}'s`) +
            (share > 0 ? `; ${Math.round(100 * share)} % of it to orthogonalize` : ''),
            `Milliseconds for one batch, on average. ${hint}`, time, 'time of a step (ms)',
            v => `${short(v)} ms`);
  }
  if (groups.length === 0) return;
  const memory = groups.map(g => named(g, g.runs.map(memoryOf)));
  const state = g => g.runs[0].state_bytes;
  const [less, more] = [best(groups, state), best(groups, g => -state(g))];
  const size = g => `${short(state(g) / 2 ** 20, 2)} MiB`;
  const peak = best(memory, row => -total(row));
  barCard('memory', `Memory: ${more.name} remembers ${size(more)} between steps` +
          (state(less) < state(more) ? `, ${less.name} ${state(less) ? size(less) : 'nothing'}` : '') +
          (profiled ? `; ${peak[0].name} holds most within one` : ''),
          profiled ? 'What is held at the peak of a step, by kind, without the data set. Orthogonalizing ' +
                     'takes room of its own for as long as it lasts.'
                   : 'Parameters and what the optimizer keeps. --profile adds the other kinds.',
          memory, 'memory (MiB)', v => `${short(v)} MiB`);
}

writeHeading();
writeSummary();
drawCurves();
drawEpochs();
drawPublished();
drawBars();
writeParameters();
writeMaking();
dark.addEventListener('change', writeSummary);

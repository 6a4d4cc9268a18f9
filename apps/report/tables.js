'use strict';
// Writes what the page says in words: tables, and where the figures come from.

function writeSummary() {
  const fastest = Math.min(...trained.map(g => g.seconds));
  const differ = new Set(comparisons.map(c => c.batch_size)).size > 1;
  const rows = groups.map(g => {
    const name = element('span', {}, swatch(color(g.number)), g.name);
    const lr = `${g.runs[0].lr}`;
    const state = (g.runs[0].state_bytes / 2 ** 20).toFixed(2);
    const remarks = [g.partly, g.stopped ? `${g.stopped} stopped` : ''].filter(Boolean);
    const notes = remarks.length > 0 ? ` (${remarks.join(', ')})` : '';
    const setting = differ ? [lr, `${g.comparison.batch_size}`] : [lr];
    if (!hasEpochs(g)) return [name, ...setting, '–', '–', '–', '–', '–', state, `0${notes}`];
    const all = (value, digits) => statistic(g.ended.map(value), digits);
    const testLosses = g.ended.map(r => last(r.epochs).test_loss ?? NaN);  // not in older files
    return [name, ...setting, all(r => last(r.epochs).loss, 4),
            testLosses.every(Number.isFinite) ? statistic(testLosses, 4) : '–',
            all(r => 100 * last(r.epochs).test_accuracy, 2), all(seconds, 2),
            comparable ? (g.seconds / fastest).toFixed(2) : '–', state, `${g.ended.length}${notes}`];
  });
  const head = ['optimizer', 'rate', ...(differ ? ['batch'] : []), 'last-epoch loss', 'test loss',
                'test accuracy (%)', 'train time (s)', 'relative time', 'state (MiB)', 'seeds'];
  const stops = groups.flatMap(g => g.runs.filter(r => r.stopped).map(r =>
      element('p', {class: 'note'}, `${g.name}, seed ${r.seed}, stopped at ${r.stopped}`)));
  const section = document.getElementById('summary');
  section.replaceChildren(element('h2', {}, 'What each reached'), element('p', {class: 'note'},
      'Last-epoch loss: mean of the batch losses of the last epoch. Test loss: mean over the test images, ' +
      'after it. Time: training alone, without tests.' +
      (several ? ' Mean ± standard deviation over the seeds.' : '')), table(head, rows), ...stops,
      ...reason());
}

/** In a list, a paragraph on what Muon does and what that takes; empty if no rule is Muon's. */
function reason() {
  const rules = comparisons.flatMap(c => c.parameters ?? []).flatMap(p => Object.values(p.rules));
  if (!rules.includes('muon')) return [];
  const shares = groups.flatMap(g => g.runs).map(timesOf).map(shareOf).filter(share => share > 0);
  const [low, high] = [Math.min(...shares), Math.max(...shares)].map(s => `${Math.round(100 * s)}`);
  const cost = shares.length === 0 ? 'What that takes, --profile says'
      : `That took ${low === high ? low : `${low} to ${high}`} % of its steps here`;
  return [element('p', {class: 'reason'},
      'Muon orthogonalizes the momentum of each matrix by Newton-Schulz steps, so that all its directions ' +
      `count alike in an update, not only the few strong ones. ${cost}; the larger the batch, the smaller ` +
      'the share. --telemetry 20 draws the directions of updates; docs/course explains it all.')];
}

function writeParameters() {
  const section = document.getElementById('parameters');
  section.append(element('h2', {}, 'Which rule updates which parameter'), element('p', {class: 'note'},
      'hidden: a matrix between hidden representations; input: a first convolution or an embedding; ' +
      'head: makes the logits.'));
  const seen = new Set();
  for (const {parameters = [], label} of comparisons) {
    if (parameters.length === 0 || seen.has(JSON.stringify(parameters))) continue;
    seen.add(JSON.stringify(parameters));
    const names = [...new Set(parameters.flatMap(p => Object.keys(p.rules)))];
    if (comparisons.length > 1) section.append(element('p', {class: 'note'}, label));
    section.append(table(['parameter', 'shape', 'role', ...names], parameters.map(p =>
        [p.parameter, p.shape, p.role, ...names.map(n => Object.hasOwn(p.rules, n) ? p.rules[n] : '')]), true));
  }
  section.hidden = seen.size === 0;
}

function writeMaking() {
  const section = document.getElementById('making');
  section.append(element('h2', {}, 'How it was made'));
  for (const c of comparisons) {
    section.append(facts({
      folder: comparisons.length > 1 ? c.label : '',
      command: commandOf(c.app || `${c.protocol}_compare`, [...c.recipe, ...(c.watching ?? [])]),
      data: `${c.protocol}, ${c.data}`,
      ...machineOf(c),
      products: c.products,
    }));
  }
}

function writeHeading() {
  const data = [...new Set(comparisons.map(dataOf))].join(' and ');
  const optimizers = [...new Set(groups.map(g => g.optimizer))].join(', ');
  writeHead(`${optimizers || 'muonlab'} on ${data}`, [
    comparisons.length > 1 ? ''
        : 'The same network, the same first weights and the same batches for every optimizer.',
    partly ? 'Not all runs are at their end; these are the figures so far.' : '',
    !partly && comparable && trained.length > 1 ? findingOf(trained) : '',
  ].filter(Boolean).join(' '));
}

function findingOf(list) {
  const low = best(list, g => g.loss);
  const high = best(list, g => -g.accuracy);
  const fast = best(list, g => g.seconds);
  return `${low.name} has the lowest mean loss over the last epoch (${short(low.loss)})` +
      `${high === low ? ' and' : `, ${high.name}`} ` +
      `gets the most test images right (${percent(high.accuracy)}); ` +
      `${fast.name} is done first (${short(fast.seconds)} s).`;
}

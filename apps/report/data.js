'use strict';
// The page's content: a list of comparisons, each as results.json has it, with a label.

const comparisons = content;

// A group is one optimizer of one comparison, with its runs, one a seed.

const groups = [];
for (const comparison of comparisons) {
  for (const run of comparison.runs) {
    let group = groups.find(g => g.comparison === comparison && g.optimizer === run.optimizer);
    if (!group) {
      const name = run.optimizer + (comparisons.length > 1 ? ` · ${comparison.label}` : '');
      group = {name, comparison, optimizer: run.optimizer, runs: []};
      groups.push(group);
    }
    group.runs.push(run);
  }
}
colorNumbers(groups.map(g => g.optimizer)).forEach((number, i) => { groups[i].number = number; });
const hasEpochs = group => group.ended.length > 0;
/** How many epochs every run shall have, by the command line. */
const epochsOf = comparison =>
    Number((comparison.recipe.find(word => word.startsWith('--epochs=')) ?? '').slice(9));
const seconds = run => sum(run.epochs.map(e => e.train_seconds));
for (const group of groups) {
  const going = group.runs.filter(r => !r.stopped);
  const epochs = Math.max(0, ...going.map(r => r.epochs.length));
  const all = epochsOf(group.comparison);
  group.ended = going.filter(r => epochs > 0 && r.epochs.length === epochs);
  group.partly = epochs < all && going.length > 0 ? `${epochs} of ${all} epochs` : '';
  group.stopped = group.runs.filter(r => r.stopped).length;
  group.curves = group.runs.filter(r => r.curve && r.curve.means.length > 0);
  group.loss = hasEpochs(group) ? mean(group.ended.map(r => last(r.epochs).loss)) : Infinity;
  group.accuracy = hasEpochs(group) ? mean(group.ended.map(r => last(r.epochs).test_accuracy)) : 0;
  group.seconds = hasEpochs(group) ? mean(group.ended.map(seconds)) : Infinity;
}
const partly = groups.some(g => g.partly);  // the page of a comparison at work, or interrupted
const several = groups.some(g => g.runs.length > 1);

/** The mean over the runs of row(run), which are lists that need not be of the same length. */
function meanRows(runs, row) {
  const rows = runs.map(row);
  const length = Math.max(0, ...rows.map(r => r.length));
  return Array.from({length}, (_, i) => {
    const there = rows.filter(r => i < r.length).map(r => r[i]);
    return there[0].map((_, k) => mean(there.map(point => point[k])));
  });
}

/** The losses of a curve's buckets, each as the mean of those around it: [step, seconds, loss]. */
function smooth(curve, width) {
  return curve.means.map((_, i) => {
    const reach = Math.min(width >> 1, i);  // the beginning falls too fast for more
    const step = Math.min((i + 1) * curve.bucket, curve.steps);
    return [step, curve.seconds[i], mean(curve.means.slice(i - reach, i + reach + 1))];
  });
}
const windowOf = curve => 1 + 2 * Math.round(curve.means.length / 50);
for (const group of groups) {
  group.course = meanRows(group.curves, r => smooth(r.curve, windowOf(r.curve)));
}

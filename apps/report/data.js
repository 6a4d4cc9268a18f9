'use strict';
// The page's content is a list of comparisons, each as results.json has it, with a label.

const comparisons = content;

// A group is one optimizer of one comparison with its runs, one for each seed.

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
/** The value of the option --NAME in the recipe; empty when it has none. */
const optionOf = (comparison, name) =>
    (comparison.recipe.find(word => word.startsWith(`--${name}=`)) ?? '').slice(name.length + 3);
const epochsOf = comparison => Number(optionOf(comparison, 'epochs'));
const runsOf = comparison =>
    optionOf(comparison, 'optimizers').split(',').length * Number(optionOf(comparison, 'seeds') || 1);
const seconds = run => sum(run.epochs.map(e => e.train_seconds));
for (const group of groups) {
  const going = group.runs.filter(r => !r.stopped);
  const epochs = Math.max(0, ...going.map(r => r.epochs.length));
  const all = epochsOf(group.comparison);
  group.ended = going.filter(r => epochs > 0 && r.epochs.length === epochs);
  group.partly = epochs < all && going.length > 0 ? `${epochs} of ${all} epochs` : '';
  group.stopped = group.runs.filter(r => r.stopped).length;
  const steady = [group.ended, going, group.runs].find(list => list.length > 0);
  const hasCurve = run => run.curve && run.curve.means.length > 0;
  group.curves = group.runs.filter(hasCurve);
  group.means = steady.filter(hasCurve).map(r => r.curve);  // the curves to average
  /** The mean batch loss of the last epoch, the measure by which titles call a loss the lowest. */
  group.loss = hasEpochs(group) ? mean(group.ended.map(r => last(r.epochs).loss)) : Infinity;
  group.accuracy = hasEpochs(group) ? mean(group.ended.map(r => last(r.epochs).test_accuracy)) : 0;
  group.seconds = hasEpochs(group) ? mean(group.ended.map(seconds)) : Infinity;
}
// Whether runs are unfinished or missing: a comparison is at work, or was interrupted.
const partly = groups.some(g => g.partly) || comparisons.some(c => c.runs.length < runsOf(c));
// Losses and times of different data cannot be compared.
const comparable = new Set(comparisons.map(c => `${c.protocol}, ${c.data}`)).size === 1;
const several = groups.some(g => g.runs.length > 1);

/** The mean over `items` of their lists of points, row(item), as far as the shortest goes. */
function meanRows(items, row) {
  const rows = items.map(row);
  const length = rows.length > 0 ? Math.min(...rows.map(r => r.length)) : 0;
  return Array.from({length}, (_, i) => rows[0][i].map((_, k) => mean(rows.map(r => r[i][k]))));
}

/** A curve smoothed, [step, seconds, loss]: each loss is the mean of `width` buckets around it. */
function smooth(curve, width) {
  return curve.means.map((_, i) => {
    const reach = Math.min(width >> 1, i);  // the loss falls too fast at first for more
    const step = Math.min((i + 1) * curve.bucket, curve.steps);
    return [step, curve.seconds[i], mean(curve.means.slice(i - reach, i + reach + 1))];
  });
}
const windowOf = curve => 1 + 2 * Math.round(curve.means.length / 50);
for (const group of groups) {
  group.course = meanRows(group.means, curve => smooth(curve, windowOf(curve)));
}

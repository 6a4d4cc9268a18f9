'use strict';
// The page's content: a sweep, as sweep.json has it, with the means over seeds of its cells, points.

const {points} = content;
const batchSizes = [...new Set(points.map(p => p.batch_size))].sort((a, b) => a - b);
const has = p => p && !p.diverged;

// A group is one optimizer: its rates, growing, and its best point at each batch size, if any.

const names = [...new Set(points.map(p => p.optimizer))];
const groups = names.map((name, i) => {
  const own = points.filter(p => p.optimizer === name);
  const rates = [...new Set(own.map(p => p.lr))].sort((a, b) => a - b);
  const at = (size, lr) => own.find(p => p.batch_size === size && p.lr === lr);
  const bests = batchSizes.map(size => own.filter(p => p.batch_size === size && has(p)))
      .filter(list => list.length > 0).map(list => best(list, p => p.validation_loss));
  return {name, number: colorNumbers(names)[i], own, rates, at, bests};
});
const drawn = groups.filter(g => g.bests.length > 0);
const bestAt = (group, size) => group.bests.find(p => p.batch_size === size);
const isBest = p => groups.some(g => g.bests.includes(p));

/** The losses of those points that did not diverge, from the lowest to the highest. */
const losses = points.filter(has).map(p => p.validation_loss).sort((a, b) => a - b);

/** What is lost when every class is held for equally likely. */
const guessing = Math.log(content.classes);

/** "a, b and c" */
const listed = words => words.length < 2 ? words.join('')
    : `${words.slice(0, -1).join(', ')} and ${last(words)}`;

/** The rates around a group's best one, tried without a gap, at which it loses at most twice as much. */
function forgiven(group, size) {
  const tried = group.rates.filter(lr => group.at(size, lr));
  const lowest = bestAt(group, size);
  const fits = lr => has(group.at(size, lr)) &&
      group.at(size, lr).validation_loss <= 2 * lowest.validation_loss;
  let [from, to] = [tried.indexOf(lowest.lr), tried.indexOf(lowest.lr)];
  while (from > 0 && fits(tried[from - 1])) --from;
  while (to + 1 < tried.length && fits(tried[to + 1])) ++to;
  return {group, low: tried[from], high: tried[to], factor: tried[to] / tried[from],
          isOpen: from === 0 || to === tried.length - 1};
}

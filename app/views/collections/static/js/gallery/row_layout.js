// Where each photograph lies, by arithmetic alone: what the flexbox of gallery.css does with the same ratios, but for ten
// thousand of them and without asking the browser (10,000: 2 ms).
//
// A row is { top, height, first, count, day, last }; the heading of a day is a row without photographs.

// Browsers count in 64ths of a pixel and cut off what is smaller.
export const cut = (px) => Math.floor(px * 64 + 1e-6) / 64

// `ratios`: width by height times 100, as in the names of the classes. `days`: [name, count] of each, or none.
// `measure`: { width, row, gap, day }, in px.
export function rowsOf(ratios, days, measure) {
  const rows = []
  let first = 0
  for (const [day, [, count]] of (days.length ? days : [["", ratios.length]]).entries()) {
    if (days.length) rows.push({ height: measure.day, first, count: 0, day, last: false })
    breakRows(rows, ratios, first, first + count, day, measure)
    first += count
  }
  let top = 0
  for (const row of rows) {
    row.top = top
    top += row.height + measure.gap
  }
  return rows
}

function breakRows(rows, ratios, start, end, day, measure) {
  let first = start
  while (first < end) {
    let used = basis(ratios[first], measure)
    let next = first + 1
    for (; next < end; next += 1) {
      const more = measure.gap + basis(ratios[next], measure)
      if (used + more > measure.width) break
      used += more
    }
    const row = { first, count: next - first, day, last: next === end }
    rows.push({ ...row, height: heightOf(row, ratios, used, measure) })
    first = next
  }
}

// The last row of a day does not grow. Where the ratios make less than 1, flexbox gives away only that part of the rest.
function heightOf({ first, count, last }, ratios, used, measure) {
  if (count === 1 && used >= measure.width) return cut((measure.width / ratios[first]) * 100)
  if (last) return measure.row
  return cut(measure.row + (measure.width - used) / Math.max(1, sum(ratios, first, count)))
}

// The widths of a row's photographs in px; together never wider than the row.
export function widthsOf({ first, count, height }, ratios, measure) {
  return Array.from({ length: count }, (_, place) => Math.min(measure.width, cut((ratios[first + place] * height) / 100)))
}

function basis(ratio, { row, width }) {
  return Math.min(width, cut((ratio * row) / 100))
}

function sum(ratios, first, count) {
  let total = 0
  for (let index = first; index < first + count; index += 1) total += ratios[index]
  return total / 100
}

export function heightOfAll(rows) {
  const end = rows.at(-1)
  return end ? end.top + end.height : 0
}

// The number of the last row that begins at or above `y`; 0 above all of them.
export function rowAt(rows, y) {
  return lastWhere(rows, (row) => row.top <= y)
}

// The number of the row in which photograph `index` lies.
export function rowOf(rows, index) {
  return lastWhere(rows, (row) => row.first <= index)
}

function lastWhere(rows, holds) {
  let low = 0
  let high = rows.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (holds(rows[middle])) low = middle
    else high = middle - 1
  }
  return low
}

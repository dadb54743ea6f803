// Computes the position of each photo without the browser, as the flexbox of gallery.css would place it (10,000 photos
// take 2 ms).
//
// A row is { top, height, first, count, day, last }; a day's heading is a row with `count` 0.

// Browsers round lengths down to 64ths of a pixel.
const cut = (px) => Math.floor(px * 64 + 1e-6) / 64

// `ratios`: 100 * width / height, as in the class names. `days`: [name, count] of each day, or [].
// `measure`: { width, row, gap, day } in px.
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

// The last row of a day does not grow. If the ratios sum to less than 1, flexbox distributes only that share of the space.
function heightOf({ first, count, last }, ratios, used, measure) {
  if (count === 1 && used >= measure.width) return cut((measure.width / ratios[first]) * 100)
  if (last) return measure.row
  return cut(measure.row + (measure.width - used) / Math.max(1, sum(ratios, first, count)))
}

// The widths of a row's photos in px; each at most the width of the row.
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

// The index of the last row that begins at or above `y`; 0 if there is none.
export function rowAt(rows, y) {
  return lastWhere(rows, (row) => row.top <= y)
}

// The index of the row that contains the photo `index`.
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

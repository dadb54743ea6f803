// The days of a gallery: their names, their headings, and the dialog by which one goes to one of them.

const WORDS = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" })

export function dayInWords(day) {
  return day ? WORDS.format(new Date(`${day}T00:00:00Z`)) : "Without a date"
}

// The heading in the page if it is there, else a new one.
export function headingOf(day) {
  const id = `day-${day || "unknown"}`
  return document.getElementById(id) ?? makeHeading(id, dayInWords(day))
}

function makeHeading(id, words) {
  const item = document.createElement("li")
  item.className = "day"
  item.id = id
  const heading = document.createElement("h2")
  heading.textContent = words
  item.append(heading)
  return item
}

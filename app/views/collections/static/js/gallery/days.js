// The days of a gallery: their names and headings.

const FORMAT = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" })

// `day`: an ISO date, or "" for photos without a date.
export function dayName(day) {
  return day ? FORMAT.format(new Date(`${day}T00:00:00Z`)) : "Without a date"
}

// The existing heading in the page, or a new one.
export function headingOf(day) {
  const id = `day-${day || "unknown"}`
  return document.getElementById(id) ?? makeHeading(id, dayName(day))
}

function makeHeading(id, name) {
  const item = document.createElement("li")
  item.className = "day"
  item.id = id
  const heading = document.createElement("h2")
  heading.textContent = name
  item.append(heading)
  return item
}

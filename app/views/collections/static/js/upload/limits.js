// What can be refused before a byte is read.

import { humanSize, plural } from "../shared/format.js"

const HIDDEN = /^(\.|Thumbs\.db$|desktop\.ini$|ehthumbs\.db$|Icon\r$)/i

export function isHidden(name) {
  return HIDDEN.test(name)
}

// `found`: files, or {name, size, unreadable} for what a folder would not give. Hidden files are left out, and counted.
export function sortOut(found, { maxBytes, maxFiles }) {
  const visible = found.filter((file) => !inHiddenPlace(file))
  const wanted = visible.slice(0, maxFiles).map((file) => ({ file, refusal: refusalOf(file, maxBytes) }))
  if (visible.length > maxFiles) wanted.push(tooMany(visible.length - maxFiles, maxFiles))
  return { wanted, hidden: found.length - visible.length }
}

function inHiddenPlace(file) {
  return (file.webkitRelativePath || file.name).split("/").some(isHidden)
}

function refusalOf(file, maxBytes) {
  if (file.unreadable) return `This could not be read (${file.unreadable}). Check that it may be opened, and drop it again.`
  if (file.size === 0) return "This file is empty. Copy it from the card or the disk again."
  if (file.size > maxBytes) {
    return `At ${humanSize(file.size)} it is larger than the ${humanSize(maxBytes)} that this server takes. Save it smaller, or ask whoever runs the server for more.`
  }
  return ""
}

function tooMany(count, maxFiles) {
  const file = { name: plural(count, "more file", "more files"), size: 0 }
  return { file, refusal: `Up to ${maxFiles.toLocaleString("en")} files go at once. Add the rest when these are safe; what is here already is not sent again.` }
}

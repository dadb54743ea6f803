// Checks chosen files before they are read: hidden, empty, too large, too many.

import { humanSize, plural } from "../shared/format.js"

const HIDDEN = /^(\.|Thumbs\.db$|desktop\.ini$|ehthumbs\.db$|Icon\r$)/i

export function isHidden(name) {
  return HIDDEN.test(name)
}

// `found`: files, or {name, size, unreadable}. Returns {checked: [{file, refusal}], hidden}: `refusal` is a message or
// "", `hidden` the number of hidden files, which are left out.
export function checkFiles(found, { maxBytes, maxFiles }) {
  const visible = found.filter((file) => !hasHiddenPath(file))
  const checked = visible.slice(0, maxFiles).map((file) => ({ file, refusal: refusalOf(file, maxBytes) }))
  if (visible.length > maxFiles) checked.push(tooMany(visible.length - maxFiles, maxFiles))
  return { checked, hidden: found.length - visible.length }
}

function hasHiddenPath(file) {
  return (file.webkitRelativePath || file.name).split("/").some(isHidden)
}

function refusalOf(file, maxBytes) {
  if (file.unreadable) return `This can’t be read (${file.unreadable}). Check that you can open it, then add it again.`
  if (file.size === 0) return "This file is empty (0 bytes). Copy it from the card again."
  return file.size > maxBytes ? `Too large: ${humanSize(file.size)}. The limit is ${maxBytes / 1e6} MB per file.` : ""
}

function tooMany(count, maxFiles) {
  const file = { name: plural(count, "more file", "more files"), size: 0 }
  return { file, refusal: `You can add up to ${maxFiles.toLocaleString("en")} files at once. Add the rest when these are uploaded.` }
}

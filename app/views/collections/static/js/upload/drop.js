// Accepts files and folders dropped anywhere on the page, and files pasted into it.

import { isHidden } from "./limits.js"

export function acceptDrops(veil, onFiles) {
  let depth = 0
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files")
  const show = (change) => {
    depth = change === 0 ? 0 : Math.max(0, depth + change)
    veil.hidden = depth === 0
  }

  window.addEventListener("dragenter", (event) => {
    if (!carriesFiles(event)) return
    event.preventDefault()
    show(1)
  })
  window.addEventListener("dragleave", (event) => carriesFiles(event) && show(-1))
  window.addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return
    event.preventDefault()
    event.dataTransfer.dropEffect = "copy"
  })
  window.addEventListener("drop", async (event) => {
    if (!carriesFiles(event)) return
    event.preventDefault()
    show(0)
    onFiles(await filesOf(event.dataTransfer))
  })
}

// Pasted text is left to the field that has the focus.
export function acceptPastes(onFiles) {
  window.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])]
    if (files.length === 0) return
    event.preventDefault()
    onFiles(files)
  })
}

// The entries must be read before the first await, after which the browser empties the list.
async function filesOf(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean)
  if (entries.length === 0) return [...transfer.files]
  const found = []
  for (const entry of entries) await walk(entry, found)
  return found
}

// An entry that cannot be read is added as {name, size, unreadable}, and the walk continues.
async function walk(entry, found) {
  try {
    if (entry.isFile) found.push(await new Promise((resolve, reject) => entry.file(resolve, reject)))
    else if (!isHidden(entry.name)) for (const child of await childrenOf(entry)) await walk(child, found)
  } catch (error) {
    found.push({ name: entry.name, size: 0, unreadable: error.name })
  }
}

async function childrenOf(folder) {
  const reader = folder.createReader()
  const children = []
  for (;;) {
    const batch = await new Promise((resolve, reject) => reader.readEntries(resolve, reject))
    if (batch.length === 0) return children
    children.push(...batch)
  }
}

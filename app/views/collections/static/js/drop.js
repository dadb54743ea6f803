// Files and folders dropped anywhere on the page.

const HIDDEN = /^(\.|Thumbs\.db$|desktop\.ini$)/i

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

// The entries must be taken before the first await: afterwards the list is empty.
async function filesOf(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean)
  if (entries.length === 0) return [...transfer.files]
  const found = await Promise.all(entries.map(walk))
  return found.flat()
}

async function walk(entry) {
  if (HIDDEN.test(entry.name)) return []
  if (entry.isFile) return [await new Promise((resolve, reject) => entry.file(resolve, reject))]
  const reader = entry.createReader()
  const children = []
  for (;;) {
    const batch = await new Promise((resolve, reject) => reader.readEntries(resolve, reject))
    if (batch.length === 0) break
    children.push(...batch)
  }
  const found = await Promise.all(children.map(walk))
  return found.flat()
}

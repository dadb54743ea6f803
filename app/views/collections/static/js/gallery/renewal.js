// New presigned URLs for the pictures of an open page, taken over long before the old ones expire.

import { getText } from "../shared/http.js"

const SLICE = 60 // tiles in a request

// Resolves when these tiles of photos have the URLs of today. Images that have loaded stay as they are.
export async function renewUrls({ tilesUrl, sort }, tiles) {
  const known = new Map(tiles.map((tile) => [tile.dataset.fileUuid, tile]))
  const starts = new Set(tiles.map(({ dataset }) => Math.floor(dataset.lightboxIndex / SLICE) * SLICE))
  for (const start of starts) {
    const html = await getText(`${tilesUrl}?${new URLSearchParams({ sort, start, count: SLICE })}`)
    for (const fresh of tilesIn(html)) if (known.has(fresh.dataset.fileUuid)) renew(known.get(fresh.dataset.fileUuid), fresh)
  }
}

function tilesIn(html) {
  const holder = document.createElement("template")
  holder.innerHTML = html
  return holder.content.querySelectorAll("[data-preview-src]")
}

function renew(tile, fresh) {
  tile.dataset.previewSrc = fresh.dataset.previewSrc
  const [image, other] = [tile, fresh].map((each) => each.querySelector(".tile-link img"))
  if (!image || !other || (image.complete && image.naturalWidth)) return
  image.srcset = other.srcset
  image.src = other.src
}

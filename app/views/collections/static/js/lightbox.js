// The lightbox: the photos of the gallery one at a time, as previews; originals are loaded only on request. Without this
// script a tile is a link to its preview.

import * as address from "./lightbox/address.js"
import { addBar } from "./lightbox/bar.js"
import { InfoPanel } from "./lightbox/info.js"
import { Help, listenToKeys } from "./lightbox/keys.js"
import { LargeRendition } from "./lightbox/large.js"
import { optionsAt } from "./lightbox/options.js"
import { FullScreen } from "./lightbox/full_screen.js"
import { canShare, sharing } from "./lightbox/share.js"
import { Slides } from "./lightbox/slides.js"
import { Slideshow } from "./lightbox/slideshow.js"
import { sourceFor } from "./lightbox/source.js"
import { Toast } from "./lightbox/toast.js"
import { loadCurrentFirst } from "./lightbox/load_order.js"

const collection = document.querySelector("[data-collection]")
const gallery = collection.querySelector("[data-gallery]")
let open = null // the open PhotoSwipe

async function show(uuid) {
  if (open) return
  const source = sourceFor(gallery)
  const [index, { default: PhotoSwipe }] = await Promise.all([source.indexOf(uuid), import(collection.dataset.photoswipeUrl)])
  if (open || index < 0) return
  open = new PhotoSwipe(optionsAt(index))
  loadCurrentFirst(open)
  addControls(open, new Slides(open, source))
  addListeners(open, source)
  address.enter(uuid)
  open.init()
}

function addControls(pswp, slides) {
  const large = new LargeRendition(pswp)
  const toast = new Toast(pswp)
  const parts = {
    slideshow: new Slideshow(pswp, async (index) => large.prepare(await slides.ready(index), initialZoom(pswp, index))),
    info: new InfoPanel(pswp),
    share: canShare() ? sharing(pswp, toast) : null,
    fullScreen: new FullScreen(pswp),
    help: new Help(pswp),
  }
  addBar(pswp, parts)
  listenToKeys(pswp, parts)
}

function initialZoom(pswp, index) {
  const holder = pswp.mainScroll.itemHolders.find(({ slide }) => slide?.index === index)
  return holder?.slide.zoomLevels.initial ?? 0
}

function addListeners(pswp, source) {
  pswp.on("change", () => pswp.currSlide.data.uuid && address.move(pswp.currSlide.data.uuid))
  pswp.on("openingAnimationEnd", () => address.photoInAddress() || pswp.close()) // Back was pressed during the animation
  pswp.on("wheel", panSideways)
  pswp.on("initialLayout", () => makeDialog(pswp))
  pswp.on("close", () => onClose(pswp, source))
  pswp.on("destroy", () => onDestroy(pswp, source))
}

// A horizontal wheel pans a zoomed photo instead of zooming it.
function panSideways(event) {
  const { deltaX, deltaY, ctrlKey } = event.originalEvent
  if (ctrlKey || Math.abs(deltaX) <= Math.abs(deltaY)) return
  event.preventDefault()
  const { currSlide } = open
  if (currSlide.isPannable()) currSlide.panTo(currSlide.pan.x - deltaX, currSlide.pan.y - deltaY)
}

// A modal dialog for screen readers: the page behind is inert until it closes.
function makeDialog(pswp) {
  pswp.element.setAttribute("aria-modal", "true")
  pswp.element.setAttribute("aria-label", document.querySelector("h1").textContent)
  pswp.scrollWrap.setAttribute("aria-label", "Photos")
  setInert(pswp, true)
}

function setInert(pswp, inert) {
  for (const part of document.body.children) {
    if (part !== pswp.element) part.inert = inert
  }
}

function onClose(pswp, source) {
  source.reveal(pswp.currIndex)
  address.leave()
}

async function onDestroy(pswp, source) {
  setInert(pswp, false)
  open = null
  const tile = await source.reveal(pswp.currIndex)
  if (!open) tile?.querySelector("a, button")?.focus({ preventScroll: true })
}

gallery.addEventListener("click", (event) => {
  const link = event.target.closest(".tile-link")
  const plain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
  if (!link || !plain) return
  event.preventDefault()
  show(link.closest(".gallery-item").dataset.fileUuid).catch(() => location.assign(link.href))
})

window.addEventListener("popstate", () => {
  const uuid = address.photoInAddress()
  if (uuid) show(uuid)
  else {
    address.restoreScrolling()
    open?.close()
  }
})

// After the page's other scripts, one of which may call provideSource.
function showLinked() {
  const linked = address.photoInAddress()
  if (linked) show(linked)
}

if (performance.getEntriesByType("navigation")[0]?.domContentLoadedEventEnd) showLinked()
else document.addEventListener("DOMContentLoaded", showLinked, { once: true })

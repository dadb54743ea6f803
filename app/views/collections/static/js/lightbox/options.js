// The options of PhotoSwipe.

import { ICONS } from "./icons.js"

export function optionsAt(index) {
  return {
    ...ICONS,
    index,
    bgOpacity: 1,
    showAnimationDuration: 240,
    hideAnimationDuration: 240,
    preload: [1, 2],
    preloaderDelay: 400,
    wheelToZoom: true,
    returnFocus: false, // lightbox.js focuses the tile of the last photo instead of the first
    indexIndicatorSep: " of ",
    arrowPrevTitle: "Previous photo",
    arrowNextTitle: "Next photo",
    zoomTitle: "Zoom (Z)",
    closeTitle: "Close (Esc)",
    paddingFn: ({ x, y }) => (y < 520 ? { top: 0, bottom: 0, left: 0, right: 0 } : margins(x)),
    secondaryZoomLevel: ({ fit, itemData }) => closest(fit, itemData),
    maxZoomLevel: ({ fit, itemData }) => (itemData.fullUrl ? Math.max(1, fit) : closest(fit, itemData)),
  }
}

function margins(width) {
  const side = width < 700 ? 0 : 24
  return { top: 56, bottom: 64, left: side, right: side }
}

// The zoom limit: 100% of the original, at most 3 times the fit on touch screens. Without access to the original, 1.5 times
// the width of the largest variant.
function closest(fit, { fullUrl, largeUrl, largeWidth, previewWidth, width }) {
  const best = largeUrl ? Math.max(largeWidth, previewWidth) : previewWidth
  const limit = fullUrl ? fullSize(fit) : (best * 1.5) / width
  const near = window.matchMedia("(pointer: coarse)").matches ? Math.min(limit, fit * 3) : limit
  return Math.max(near, fit)
}

// One pixel of the original per device pixel, or per CSS pixel if the fit is already about that large.
function fullSize(fit) {
  const level = 1 / window.devicePixelRatio
  return level > fit * 1.2 ? level : 1
}

// How PhotoSwipe is set up here.

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
    returnFocus: false, // to the tile that was looked at last, not to the first
    indexIndicatorSep: " of ",
    arrowPrevTitle: "Previous photograph",
    arrowNextTitle: "Next photograph",
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

// 100 % of the original on a large screen, three times the fit on a small one; without the original no further than
// the variants have something to show.
function closest(fit, { fullUrl, largeUrl, largeWidth, previewWidth, width }) {
  const best = largeUrl ? Math.max(largeWidth, previewWidth) : previewWidth
  const limit = fullUrl ? fullSize(fit) : (best * 1.5) / width
  const near = window.matchMedia("(pointer: coarse)").matches ? Math.min(limit, fit * 3) : limit
  return Math.max(near, fit)
}

// One pixel of the original on one of the screen's, unless it is shown that large already.
function fullSize(fit) {
  const level = 1 / window.devicePixelRatio
  return level > fit * 1.2 ? level : 1
}

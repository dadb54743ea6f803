// SVG icons of the lightbox's buttons.

const icon = (shapes) => `<svg class="lightbox-icon" viewBox="0 0 24 24" aria-hidden="true">${shapes}</svg>`

export const ICONS = {
  closeSVG: icon('<path d="m5 5 14 14M19 5 5 19"/>'),
  zoomSVG: icon('<circle cx="10.500" cy="10.500" r="6.500"/><path d="m15.500 15.500 5 5M8 10.500h5"/><path class="pswp__zoom-icn-bar-v" d="M10.500 8v5"/>'),
  arrowPrevSVG: icon('<path d="m15 5-7 7 7 7"/>'),
  arrowNextSVG: icon('<path d="m9 5 7 7-7 7"/>'),
}
export const DOWNLOAD = icon('<path d="M12 4v11m-4.500-4.500L12 15l4.500-4.500M5 20h14"/>')
export const PLAY = icon('<path d="M7 4.500v15l12-7.500z"/>')
export const PAUSE = icon('<path d="M8 5v14M16 5v14"/>')
export const INFO = icon('<circle cx="12" cy="12" r="8.500"/><path d="M12 11v5.500M12 7.500v.500"/>')
export const SHARE = icon('<path d="M12 15V4m-4 4 4-4 4 4M6 11.500H5V20h14v-8.500h-1"/>')
export const FULL_SCREEN = icon('<path d="M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5"/>')
export const LEAVE_FULL_SCREEN = icon('<path d="M9 4v5H4M20 9h-5V4M15 20v-5h5M4 15h5v5"/>')
export const KEYS = icon('<path d="M8.500 9a3.500 3.500 0 1 1 5.300 3c-1.200.700-1.800 1.300-1.800 2.700M12 18.500v.500"/>')

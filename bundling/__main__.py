"""`make bundles`: make the bundles of scripts and stylesheets with esbuild, which npx runs, and their manifest."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.views.bundles import BUNDLED_SCRIPTS, BUNDLED_STYLES, FOLDER, MANIFEST, SCRIPTS, STYLES, source_digest

ESBUILD = "esbuild@0.28.2"
OPTIONS = [
    "--bundle",
    "--minify",
    "--splitting",  # what two scripts import is a bundle of its own
    "--format=esm",
    "--target=es2022",
    "--external:*.woff2",
    "--entry-names=[name]-[hash]",
    "--chunk-names=shared-[hash]",
    "--legal-comments=eof",
    "--log-level=warning",
]


def main() -> int:
    """Replace all bundles; returns the exit code."""
    sources = [*(SCRIPTS / name for name in BUNDLED_SCRIPTS), *(STYLES / name for name in BUNDLED_STYLES)]
    for path in FOLDER.glob("*"):
        path.unlink()
    with tempfile.NamedTemporaryFile(suffix=".json") as metafile:
        given = [*map(str, sources), *OPTIONS, f"--outdir={FOLDER}", f"--metafile={metafile.name}"]
        subprocess.run(["npx", "--yes", ESBUILD, *given], check=True)
        outputs = json.loads(Path(metafile.name).read_text())["outputs"]
    manifest = {"esbuild": ESBUILD, "sources": source_digest(), "bundles": _bundles(outputs)}
    MANIFEST.write_text(json.dumps(manifest, indent=1) + "\n")
    return 0


def _bundles(outputs: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        Path(output["entryPoint"]).name: {
            "filename": Path(path).name,
            "imports": [Path(each).name for each in dict.fromkeys(_imports(path, outputs))],
        }
        for path, output in outputs.items()
        if "entryPoint" in output
    }


def _imports(path: str, outputs: dict[str, Any]) -> Iterator[str]:
    for each in outputs[path]["imports"]:
        if each["kind"] == "import-statement":
            yield each["path"]
            yield from _imports(each["path"], outputs)


if __name__ == "__main__":
    sys.exit(main())

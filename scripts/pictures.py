"""Pictures of two pages of the demo report, for the README: ``docs/images/*.png``. Needs pdftoppm (Debian: poppler-utils)."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
PAGES = {"decision": 2, "segment": 5}
_DPI = 90


def main() -> int:
    """Make the demo report and draw its pages."""
    if shutil.which("pdftoppm") is None:
        sys.stderr.write("pictures: pdftoppm is missing; on Debian and Ubuntu 'apt install poppler-utils'.\n")
        return 2
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "demo"
        reporter = [sys.executable, "-m", "reporter", "demo", "--quiet", "--out", str(run)]
        subprocess.run(reporter, check=True, stdout=subprocess.DEVNULL)
        for name, page in PAGES.items():
            stem = Path(folder) / name
            drawn = ["pdftoppm", "-r", str(_DPI), "-f", str(page), "-singlefile", "-png"]
            subprocess.run([*drawn, str(run / "report.pdf"), str(stem)], check=True)
            image = Image.open(stem.with_suffix(".png")).convert("RGB")
            target = IMAGES / f"{name}.png"
            image.save(target, optimize=True)
            sys.stdout.write(f"{target} ({target.stat().st_size // 1000} kB)\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

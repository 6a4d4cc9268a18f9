#!/usr/bin/env python3
"""Makes the pictures of the course from the apps: runs every command of its pages that has an --out
FOLDER, and draws each figure that a page shows as pictures/NAME.FIGURE.svg, where NAME is the last
part of FOLDER and FIGURE the element's id in FOLDER/report.html.

The commands' results go where they say, below the project's folder. Needs a Chromium.
"""

import argparse
import html
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
WIDTH = 860  # of a picture, in pixels

def fail(message):
    sys.exit(f"error: {message}")


def chromium():
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if shutil.which(name):
            return shutil.which(name)
    fail("there is no Chromium; on Debian: apt-get install chromium")


def commands(page):
    """Every "./muonlab ... --out FOLDER" of a page, as [(name, folder, words)]."""
    found = []
    for line in page.splitlines():
        if not line.startswith("    ./muonlab "):
            continue
        words = shlex.split(line, comments=True)
        if "--out" in words:
            folder = pathlib.Path(words[words.index("--out") + 1])
            found.append((folder.name, folder, words))
    return found


def figures(page):
    """The pictures that a page shows, as {name: [figure]}."""
    shown = {}
    for name, figure in re.findall(r"\(pictures/([\w-]+)\.([\w-]+)\.svg\)", page):
        shown.setdefault(name, []).append(figure)
    return shown


def drawn(report):
    """The figures of a page as images, {id: SVG}."""
    text = report.read_text()
    end = text.rindex("</body>")
    draw = (ROOT / "docs" / "pictures.js").read_text()
    script = f"<script>const WIDTH = {WIDTH};\n{draw}</script>"
    with tempfile.TemporaryDirectory() as folder:
        page = pathlib.Path(folder) / "page.html"
        page.write_text(text[:end] + script + text[end:])
        dom = subprocess.run(
            [chromium(), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             "--proxy-server=127.0.0.1:1", "--window-size=1280,2000", "--virtual-time-budget=20000",
             "--dump-dom", page.as_uri()],
            check=True, capture_output=True, text=True, env={"HOME": folder, "PATH": "/usr/bin:/bin"},
        ).stdout
    images = re.findall(r'<pre class="picture" id="picture-([\w-]+)">(.*?)</pre>', dom, re.DOTALL)
    return {name: html.unescape(image) + "\n" for name, image in images}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME",
                        help="make the pictures of these folders alone")
    parser.add_argument("--keep", action="store_true", help="do not run commands whose page is there")
    arguments = parser.parse_args()
    unknown = set(arguments.names)
    for chapter in sorted((ROOT / "docs").rglob("*.md")):
        page = chapter.read_text()
        shown = figures(page)
        runs = {name: (folder, words) for name, folder, words in commands(page)}
        for name in shown:
            if arguments.names and name not in arguments.names:
                continue
            unknown.discard(name)
            if name not in runs:
                fail(f"{chapter}: shows pictures of {name}, but has no command with --out .../{name}")
            folder, words = runs[name]
            report = ROOT / folder / "report.html"
            if not (arguments.keep and report.exists()):
                print(shlex.join(words), flush=True)
                subprocess.run(words, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
            images = drawn(report)
            for figure in shown[name]:
                if figure not in images:
                    fail(f"{report}: has no figure {figure}, only {', '.join(images)}")
                picture = chapter.parent / "pictures" / f"{name}.{figure}.svg"
                picture.parent.mkdir(exist_ok=True)
                picture.write_text(images[figure])
                print(f"  {picture.relative_to(ROOT)}, {len(images[figure]) // 1000} kB", flush=True)
    if unknown:
        fail(f"no page shows pictures of {', '.join(sorted(unknown))}")


if __name__ == "__main__":
    main()

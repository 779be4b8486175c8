"""The domain needs nothing but Python, and no clock, randomness or I/O (design §3)."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import domain

ROOT = Path(domain.__file__).parent
SOURCES = [path for path in sorted(ROOT.rglob("*.py")) if "testing" not in path.relative_to(ROOT).parts]
IMPURE = {
    "asyncio", "ctypes", "http", "importlib", "io", "multiprocessing", "os", "pathlib", "random", "secrets", "select",
    "shutil", "signal", "socket", "sqlite3", "subprocess", "sys", "tempfile", "threading", "time", "urllib", "uuid",
}  # fmt: skip
IMPURE_CALLS = {"now", "utcnow", "today", "open", "print", "input", "exec", "eval", "__import__"}


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            yield node.module or ""


def called(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield getattr(node.func, "attr", getattr(node.func, "id", ""))


def test_the_sources_are_found() -> None:
    assert {"task.py", "reconcile.py", "dispatch.py", "ports.py"} <= {path.name for path in SOURCES}


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_a_module_imports_the_pure_standard_library_and_the_domain(source: Path) -> None:
    tree = ast.parse(source.read_text())
    modules = set(imported(tree))
    assert not {name for name in modules if name.startswith("domain.testing")}
    packages = {name.partition(".")[0] for name in modules} - {"domain"}
    assert packages <= sys.stdlib_module_names - IMPURE
    assert not set(called(tree)) & IMPURE_CALLS


def test_every_module_is_imported_by_a_python_with_nothing_installed() -> None:
    modules = [".".join(path.relative_to(ROOT.parent).with_suffix("").parts) for path in SOURCES]
    names = [name.removesuffix(".__init__") for name in modules]
    program = "\n".join(
        (
            "import sys",
            f"sys.path.insert(0, {str(ROOT.parent)!r})",
            *(f"import {name}" for name in names),
            "loaded = {name.partition('.')[0] for name in sys.modules}",
            "print(*sorted(loaded - set(sys.stdlib_module_names) - {'domain', '__main__'}))",
        )
    )
    bare = [sys.executable, "-I", "-S", "-c", program]
    done = subprocess.run(bare, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "", "")

"""What files of the user's own code depend on."""

from pathlib import Path

from tuner.objectives.own_files import OwnFile, with_dependencies

CODE = """
import m0 as a, m1.part
try:
    from m2 import b
except ImportError:
    import m3
else:
    if a:
        pass
    elif b:
        import m4
    else:
        import m5
finally:
    import m6
class C:
    async def f(self):
        match a:
            case 1:
                with a: import m7
        while a:
            for x in a: from . import m8
"""


def dependencies(folder: Path, code: str) -> set[str]:
    (folder / "train.py").write_text(code)
    files = with_dependencies([OwnFile(folder / "train.py", (folder,))])
    return {str(file.path.relative_to(folder)) for file in files} - {"train.py"}


def test_modules_are_found_wherever_they_are_imported(tmp_path: Path) -> None:
    (tmp_path / "m1").mkdir()
    modules = {"m1/part.py", *(f"m{number}.py" for number in (0, 2, 3, 4, 5, 6, 7, 8))}
    for name in modules:
        (tmp_path / name).touch()
    assert dependencies(tmp_path, CODE) == modules


def test_code_that_python_cannot_read_depends_on_nothing(tmp_path: Path) -> None:
    (tmp_path / "m0.py").touch()
    for code in ("import m0\nprint 'Python 2'", "import m0\n\0", f"import m0\nx = {'-' * 9999}1"):
        assert dependencies(tmp_path, code) == set()

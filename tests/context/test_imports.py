"""From an import to files of the repository, language by language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coder_tui.context.imports import resolve, siblings
from coder_tui.context.symbols import Import
from coder_tui.context.tree import Tree

FILES = {
    "shop/__init__.py": "",
    "shop/till.py": "",
    "shop/core/__init__.py": "",
    "shop/core/money.py": "",
    "src/lib/deep/__init__.py": "",
    "src/lib/deep/tool.py": "",
    "tests/test_till.py": "",
    "web/tsconfig.json": '{ // paths\n "compilerOptions": {"baseUrl": ".", "paths": {"@app/*": ["app/*"], '
    '"@one": ["one.ts"],},},}',
    "web/app/user.ts": "",
    "web/app/index.ts": "",
    "web/one.ts": "",
    "web/main.tsx": "",
    "web/styles/button.jsx": "",
    "packages/ui/package.json": '{"name": "@acme/ui", "main": "dist/index.js"}',
    "packages/ui/src/index.ts": "",
    "packages/ui/src/card.ts": "",
    "java/src/com/shop/core/Till.java": "",
    "java/src/com/shop/core/Money.java": "",
    "java/src/com/shop/web/Page.java": "",
    "go.mod": "module example.com/m\n\ngo 1.22\n",
    "util/text.go": "",
    "util/text_test.go": "",
    "util/more.go": "",
    "cmd/main.go": "",
    "Cargo.toml": '[package]\nname = "my-shop"\n',
    "src/lib.rs": "",
    "src/main.rs": "",
    "src/till.rs": "",
    "src/net/mod.rs": "",
    "src/net/socket.rs": "",
    "crates/other/Cargo.toml": '[package]\nversion = "1"\nname = "other-crate"\n',
    "crates/other/src/lib.rs": "",
    "include/shop/till.h": "",
    "c/till.c": "",
    "c/local.h": "",
    "php/composer.json": '{"autoload": {"psr-4": {"App\\\\": "src/"}}}',
    "php/src/Models/User.php": "",
    "php/src/Http/Page.php": "",
    "php/helpers.php": "",
    "sh/run.sh": "",
    "sh/lib/common.sh": "",
    "Shop.Core/Money.cs": "",
    "Shop/Core/Till.cs": "",
    "Shop/Web/Page.cs": "",
    "lib/till.rb": "",
    "app.rb": "",
}
TREE = Tree(FILES, FILES.get)


@pytest.mark.parametrize(
    ("path", "module", "name", "expected"),
    [
        ("shop/core/money.py", "..till", "open_till", "shop/till.py"),
        ("shop/core/money.py", "..", "till", "shop/till.py"),
        ("shop/core/money.py", ".", "x", "shop/core/__init__.py"),
        ("tests/test_till.py", "shop.core", "money", "shop/core/money.py"),
        ("tests/test_till.py", "shop.core.money", "Coin", "shop/core/money.py"),
        ("tests/test_till.py", "shop", "x", "shop/__init__.py"),
        ("tests/test_till.py", "shop.till", "", "shop/till.py"),
        ("tests/test_till.py", "lib.deep", "tool", "src/lib/deep/tool.py"),
        ("tests/test_till.py", "deep.tool", "x", "src/lib/deep/tool.py"),
        ("tests/test_till.py", "json", "", None),
        ("tests/test_till.py", "os.path", "join", None),
        ("shop/till.py", "....far", "x", None),
        ("web/main.tsx", "./app/user", "User", "web/app/user.ts"),
        ("web/main.tsx", "./app", "x", "web/app/index.ts"),
        ("web/main.tsx", "./app/user.js", "User", "web/app/user.ts"),
        ("web/main.tsx", "@app/user", "User", "web/app/user.ts"),
        ("web/main.tsx", "@one", "x", "web/one.ts"),
        ("web/main.tsx", "styles/button", "x", "web/styles/button.jsx"),
        ("web/main.tsx", "@acme/ui", "x", "packages/ui/src/index.ts"),
        ("web/main.tsx", "@acme/ui/card", "x", "packages/ui/src/card.ts"),
        ("web/main.tsx", "react", "x", None),
        ("java/src/com/shop/web/Page.java", "com.shop.core.Till", "", "java/src/com/shop/core/Till.java"),
        ("java/src/com/shop/web/Page.java", "com.shop.core.Till.open", "", "java/src/com/shop/core/Till.java"),
        ("java/src/com/shop/web/Page.java", "java.util.List", "", None),
        ("src/main.rs", "crate::till", "Till", "src/till.rs"),
        ("src/main.rs", "crate::net::socket", "Socket", "src/net/socket.rs"),
        ("src/main.rs", "crate::net", "socket", "src/net/socket.rs"),
        ("src/net/socket.rs", "super", "x", "src/net/mod.rs"),
        ("src/net/mod.rs", "self::socket", "", "src/net/socket.rs"),
        ("src/main.rs", "my_shop::till", "Till", "src/till.rs"),
        ("src/main.rs", "other_crate", "x", "crates/other/src/lib.rs"),
        ("src/main.rs", "std::fs", "File", None),
        ("c/till.c", "shop/till.h", "", "include/shop/till.h"),
        ("c/till.c", "local.h", "", "c/local.h"),
        ("c/till.c", "stdio.h", "", None),
        ("php/src/Http/Page.php", "App\\Models\\User", "", "php/src/Models/User.php"),
        ("php/src/Http/Page.php", "Vendor\\Models\\User", "", "php/src/Models/User.php"),
        ("php/src/Http/Page.php", "__DIR__ . '/../../helpers.php", "", "php/helpers.php"),
        ("sh/run.sh", "./lib/common.sh", "", "sh/lib/common.sh"),
        ("sh/run.sh", "$(dirname \"$0\")/lib/common.sh", "", "sh/lib/common.sh"),
        ("sh/run.sh", "${BASH_SOURCE%/*}/lib/common.sh", "", "sh/lib/common.sh"),
        ("sh/run.sh", "$DIR/lib/common.sh", "", "sh/lib/common.sh"),
        ("app.rb", "lib/till", "", "lib/till.rb"),
        ("app.rb", "till", "", "lib/till.rb"),
        ("app.rb", "json", "", None),
    ],
)  # fmt: skip
def test_an_import_means_a_file(path: str, module: str, name: str, expected: str | None) -> None:
    assert resolve(Import(module, name), path, TREE) == ((expected,) if expected else ())


def test_packages_are_several_files() -> None:
    assert resolve(Import("example.com/m/util"), "cmd/main.go", TREE) == ("util/more.go", "util/text.go")
    assert resolve(Import("fmt"), "cmd/main.go", TREE) == ()
    found = resolve(Import("com.shop.core"), "java/src/com/shop/web/Page.java", TREE)
    assert found == ("java/src/com/shop/core/Money.java", "java/src/com/shop/core/Till.java")
    assert resolve(Import("Shop.Core"), "Shop/Web/Page.cs", TREE) == ("Shop/Core/Till.cs",)


def test_a_namespace_is_what_files_say_that_they_are_in() -> None:
    files = ["a/Till.cs", "a/Odd.cs", "b/Money.cs", "b/Page.cs"]
    said = {"a/Till.cs": "Shop.Core", "b/Money.cs": "Shop.Core", "b/Page.cs": "Shop.Web", "a/Odd.cs": "Shop.Odd"}
    tree = Tree(files, {}.get, lambda: said)
    assert resolve(Import("Shop.Core"), "b/Page.cs", tree) == ("a/Till.cs", "b/Money.cs")
    assert siblings("a/Till.cs", tree) == ("a/Odd.cs", "b/Money.cs")
    assert resolve(Import("Shop.Nowhere"), "b/Page.cs", tree) == ()


def test_files_that_see_each_other() -> None:
    assert siblings("util/text.go", TREE) == ("util/more.go",)
    assert siblings("java/src/com/shop/core/Till.java", TREE) == ("java/src/com/shop/core/Money.java",)
    assert siblings("c/till.c", TREE) == ("include/shop/till.h",)
    assert siblings("shop/till.py", TREE) == ()


@given(
    st.sampled_from(sorted(path for path in FILES if "." in path)),
    st.text(alphabet="./\\:{}*a@b$\"' \0", max_size=12),
    st.text(alphabet="ab*", max_size=2),
)
def test_no_import_is_too_odd(path: str, module: str, name: str) -> None:
    assert set(resolve(Import(module, name), path, TREE)) <= FILES.keys() - {path}


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"compilerOptions": 3}', '{"compilerOptions": {"paths": [1]}}', "[" * 5000]
)
def test_broken_project_files_are_no_help_and_no_harm(text: str) -> None:
    files = {"tsconfig.json": text, "composer.json": text, "package.json": text, "a.ts": "", "b.ts": "", "c.php": ""}
    tree = Tree(files, files.get)
    assert resolve(Import("./b"), "a.ts", tree) == ("b.ts",)
    assert resolve(Import("@x/b"), "a.ts", tree) == ()
    assert resolve(Import("X\\Y"), "c.php", tree) == ()

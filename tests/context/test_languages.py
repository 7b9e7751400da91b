"""Small repositories in each language, as people lay them out: which files a file imports, by a real index."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from coder_tui.context import index
from coder_tui.context.exclude import Rules
from coder_tui.context.store import Store

Files = dict[str, str]
PYTHON: Files = {
    "src/shop/__init__.py": "from .till import Till\n",
    "src/shop/till.py": "from . import money as m\nfrom ..shop.deep import tool\nfrom typing import Any\nimport json\n",
    "src/shop/money.py": "type Alias = int\n",
    "src/shop/deep/tool.py": "def f():\n    from shop.lazy import L\n",
    "src/shop/lazy.pyi": "class L: ...\n",
    "other/typing.py": "",
    "tests/helpers.py": "",
    "tests/test_till.py": "from helpers import h\nimport shop.till as t\n",
}
SCRIPTS: Files = {
    "base.json": '{"compilerOptions": {"baseUrl": ".", "paths": '
    '{"@shared/*": ["libs/shared/*"], "@core": ["libs/core"]}}}',
    "web/tsconfig.json": '{"extends": ["../base.json", "@tsconfig/node20/tsconfig.json"], "compilerOptions": {}}',
    "web/main.ts": "import { Money } from '@shared/money';\nimport { Box } from '@core';\n"
    "import x = require('./legacy');\nconst l = await import('./lazy');\nimport { star } from '@acme/ui/icons/star';\n",
    "web/legacy.ts": "",
    "web/lazy.tsx": "",
    "libs/shared/money.ts": "export interface Money {}\n",
    "libs/core/index.ts": "export * from './till';\nexport { Drawer as Box } from './drawer.js';\n",
    "libs/core/till.ts": "",
    "libs/core/drawer.ts": "export class Drawer {}\n",
    "vite/tsconfig.json": '{"files": [], "references": [{"path": "./tsconfig.app.json"}]}',
    "vite/tsconfig.app.json": '{"compilerOptions": {"paths": {"@/*": ["./src/*"]}}}',
    "vite/src/a.ts": "import { b } from '@/b';\n",
    "vite/src/b.ts": "",
    "ui/package.json": '{"name": "@acme/ui", "exports": '
    '{"./icons/*": {"import": "./dist/*.js", "types": "./src/i/*.ts"}}, "imports": {"#inner/*": "./src/inner/*.ts"}}',
    "ui/src/i/star.ts": "import y from '#inner/y';\n",
    "ui/src/inner/y.ts": "",
    "node/a.mjs": "import b from './b.js';\nconst c = require('./c');\nimport('./d.js');\n",
    "node/b.js": "exports.go = function go() {};\n",
    "node/c/index.js": "",
    "node/d.js": "",
}
GO: Files = {
    "go.mod": "module example.com/shop\n\nreplace example.com/money => ./third/money\n\n"
    "replace (\n\texample.com/tax v1.2.0 => ./tax\n)\n",
    "third/money/go.mod": "module example.com/other\n",
    "third/money/money.go": "package money\n",
    "tax/go.mod": "module example.com/tax\n",
    "tax/rate/rate.go": "package rate\n",
    "till/till.go": "package till\n",
    "till/till_test.go": "package till\n",
    "cmd/main.go": 'package main\n\nimport (\n\t"fmt"\n\tm "example.com/money"\n\t"example.com/tax/rate"\n'
    '\t"example.com/shop/till"\n)\n',
}
C: Files = {
    "src/main.c": "#include <stdio.h>\n#include <string>\n"
    '#include "till.h"\n#include <shop/money.h>\n#include "../lib/a.h"\n',
    "src/till.h": "enum kind { RED };\n",
    "other/till.h": "",
    "include/shop/money.h": "class Money { public: int a; };\n",
    "lib/a.h": "",
    "copy/stdio.h": "",
    "copy/string": "",
}
JAVA: Files = {
    "src/main/java/com/shop/Till.java": "package com.shop;\nimport com.shop.core.Money;\n"
    "import static com.shop.core.Util.f;\n"
    "import com.shop.core.Outer.Inner;\nimport java.util.List;\n",
    "src/main/java/com/shop/All.java": "package com.shop;\nimport com.shop.core.*;\n",
    "src/main/java/com/shop/core/Money.java": "package com.shop.core;\n",
    "src/main/java/com/shop/core/Util.java": "package com.shop.core;\n",
    "src/main/java/com/shop/core/Outer.java": "package com.shop.core;\n",
    "other/List.java": "package other;\n",
}
CSHARP: Files = {
    "Web/Page.cs": "using System;\nusing Shop.Core;\nusing static Shop.Tools.Util;\nusing T = Shop.Core.Inner.Till;\n",
    "Core/Money.cs": "namespace Shop.Core;\nrecord Money(int A);\n",
    "Anywhere/Till.cs": "namespace Shop.Core.Inner { class Till {} }\n",
    "Tools/Util.cs": "namespace Shop.Tools { static class Util {} }\n",
}
RUST: Files = {
    "Cargo.toml": '[workspace]\nmembers = ["app", "crates/*"]\n',
    "app/Cargo.toml": '[package]\nname = "app"\n[lib]\nname = "app_lib"\n[dependencies]\n'
    'money = { path = "../crates/money-lib", package = "money-lib" }\n',
    "app/src/lib.rs": 'mod till;\nmod util;\n#[path = "odd/place.rs"]\nmod placed;\n',
    "app/src/main.rs": "use app_lib::till::Till;\nuse money::Money;\nuse money_lib::sub::S;\nuse std::fs;\n",
    "app/src/till.rs": "use super::util::help;\nuse crate::till::drawer::{Drawer, Kind};\n",
    "app/src/till/drawer.rs": "use super::super::util;\n",
    "app/src/util/mod.rs": "mod inner;\nuse self::inner::I;\n",
    "app/src/util/inner.rs": "",
    "app/src/odd/place.rs": "",
    "app/tests/it.rs": "use app_lib::util;\nmod common;\n",
    "app/tests/common/mod.rs": "",
    "crates/money-lib/Cargo.toml": '[package]\nname = "money-lib"\n',
    "crates/money-lib/src/lib.rs": "",
    "crates/money-lib/src/sub.rs": "",
}
PHP: Files = {
    "composer.json": '{"autoload": {"psr-4": {"App\\\\": "src/"}, "files": ["helpers.php"]}, '
    '"autoload-dev": {"psr-4": {"Dev\\\\": ["dev/", "tools/"]}}}',
    "src/User.php": "<?php\nnamespace App;\nuse App\\Http\\{Page, Form as F};\nuse function App\\helper;\n"
    "use Dev\\Tool;\n"
    "require_once __DIR__ . '/../bootstrap.php';\n",
    "src/Http/Page.php": "<?php\nnamespace App\\Http;\nclass Page {}\n",
    "src/Http/Form.php": "<?php\nnamespace App\\Http;\nclass Form {}\n",
    "helpers.php": "<?php\nnamespace App;\nfunction helper() {}\n",
    "tools/Tool.php": "<?php\nnamespace Dev;\nclass Tool {}\n",
    "bootstrap.php": "<?php\n",
}
BASH: Files = {
    "bin/run": '#!/usr/bin/env bash\nsource "$(dirname "${BASH_SOURCE[0]}")/../lib/common.sh"\n. ./local.bash\n',
    "bin/local.bash": 'DIR=$(pwd)\n. "${DIR}/../lib/more.sh"\n[ -f x ] && source ../lib/common.sh\n',
    "lib/common.sh": "",
    "lib/more.sh": "",
}
IMPORTED: list[tuple[Files, dict[str, list[str]]]] = [
    (
        PYTHON,
        {
            "src/shop/__init__.py": ["src/shop/till.py"],
            "src/shop/till.py": ["src/shop/deep/tool.py", "src/shop/money.py"],
            "src/shop/deep/tool.py": ["src/shop/lazy.pyi"],
            "tests/test_till.py": ["src/shop/till.py", "tests/helpers.py"],
        },
    ),
    (
        SCRIPTS,
        {
            "web/main.ts": [
                "libs/core/index.ts",
                "libs/shared/money.ts",
                "ui/src/i/star.ts",
                "web/lazy.tsx",
                "web/legacy.ts",
            ],
            "libs/core/index.ts": ["libs/core/drawer.ts", "libs/core/till.ts"],
            "vite/src/a.ts": ["vite/src/b.ts"],
            "ui/src/i/star.ts": ["ui/src/inner/y.ts"],
            "node/a.mjs": ["node/b.js", "node/c/index.js", "node/d.js"],
        },
    ),
    (GO, {"cmd/main.go": ["tax/rate/rate.go", "third/money/money.go", "till/till.go"]}),
    (C, {"src/main.c": ["include/shop/money.h", "lib/a.h", "src/till.h"]}),
    (
        JAVA,
        {
            "src/main/java/com/shop/Till.java": [
                f"src/main/java/com/shop/core/{name}.java" for name in ("Money", "Outer", "Util")
            ],
            "src/main/java/com/shop/All.java": [
                f"src/main/java/com/shop/core/{name}.java" for name in ("Money", "Outer", "Util")
            ],
        },
    ),
    (CSHARP, {"Web/Page.cs": ["Anywhere/Till.cs", "Core/Money.cs", "Tools/Util.cs"]}),
    (
        RUST,
        {
            "app/src/lib.rs": ["app/src/odd/place.rs", "app/src/till.rs", "app/src/util/mod.rs"],
            "app/src/main.rs": ["app/src/till.rs", "crates/money-lib/src/lib.rs", "crates/money-lib/src/sub.rs"],
            "app/src/till.rs": ["app/src/till/drawer.rs", "app/src/util/mod.rs"],
            "app/src/till/drawer.rs": ["app/src/util/mod.rs"],
            "app/src/util/mod.rs": ["app/src/util/inner.rs"],
            "app/tests/it.rs": ["app/src/util/mod.rs", "app/tests/common/mod.rs"],
        },
    ),
    (
        PHP,
        {"src/User.php": ["bootstrap.php", "helpers.php", "src/Http/Form.php", "src/Http/Page.php", "tools/Tool.php"]},
    ),
    (BASH, {"bin/run": ["bin/local.bash", "lib/common.sh"], "bin/local.bash": ["lib/common.sh", "lib/more.sh"]}),
]


@pytest.mark.parametrize(
    ("files", "imported"),
    IMPORTED,
    ids=["python", "scripts", "go", "c", "java", "csharp", "rust", "php", "bash"],
)
def test_what_files_import(files: Files, imported: dict[str, list[str]], tmp_path: Path) -> None:
    root = tmp_path / "root"
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    store = Store(tmp_path / "index.db")
    try:
        index.update(store, root, Rules(root))
        assert {path: store.imported(path) for path in files if store.imported(path)} == imported
    finally:
        store.close()


def test_a_project_file_that_changes_changes_what_imports_mean(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "libs").mkdir(parents=True)
    (root / "main.ts").write_text("import { a } from '@x/a';\n")
    (root / "libs/a.ts").write_text("export const a = 1;\n")
    (root / "tsconfig.json").write_text("{}")
    store = Store(tmp_path / "index.db")
    try:
        index.update(store, root, Rules(root))
        before = index.files_as_known(store)
        assert (store.imported("main.ts"), bool(before)) == ([], True)
        (root / "tsconfig.json").write_text('{"compilerOptions": {"paths": {"@x/*": ["./libs/*"]}}}')
        index.update_some(store, root, Rules(root), ["tsconfig.json"])
        assert store.imported("main.ts") == ["libs/a.ts"]
        assert index.files_as_known(store) != before
        (root / "tsconfig.json").write_text("{}   ")
        index.update(store, root, Rules(root))
        assert store.imported("main.ts") == []
    finally:
        store.close()

"""From a model's answer to changes: what it holds, which file each piece is for, and where it belongs in it. Pure
but for `paths`, which looks at links."""

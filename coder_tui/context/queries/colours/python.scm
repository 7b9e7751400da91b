; What the grammar's own query leaves out.

(class_definition name: (identifier) @type)

((identifier) @variable.builtin
 (#any-of? @variable.builtin "self" "cls"))

((call function: (identifier) @type.builtin)
 (#match? @type.builtin "(Error|Exception|Warning)$"))

; Docstrings.

(module . (comment)* . (expression_statement (string) @comment.documentation))
(class_definition body: (block . (expression_statement (string) @comment.documentation)))
(function_definition body: (block . (expression_statement (string) @comment.documentation)))

; The grammar's wheel brings no query along.

(comment) @comment

[
  (string_literal)
  (verbatim_string_literal)
  (raw_string_literal)
  (interpolated_string_expression)
  (character_literal)
] @string

(interpolation) @embedded
(escape_sequence) @string.escape

[
  (integer_literal)
  (real_literal)
] @number

[
  (boolean_literal)
  (null_literal)
] @constant.builtin

(predefined_type) @type.builtin
(implicit_type) @keyword
(modifier) @keyword

[
  "as" "base" "break" "case" "catch" "checked" "class" "continue" "default" "delegate" "do" "else" "enum" "event"
  "explicit" "finally" "fixed" "for" "foreach" "get" "goto" "if" "implicit" "in" "init" "interface" "is" "lock"
  "namespace" "new" "operator" "out" "params" "record" "ref" "return" "set" "sizeof" "stackalloc" "struct" "switch"
  "this" "throw" "try" "typeof" "unchecked" "using" "var" "when" "where" "while" "yield" "await" "async"
] @keyword

(class_declaration name: (identifier) @type)
(struct_declaration name: (identifier) @type)
(interface_declaration name: (identifier) @type)
(enum_declaration name: (identifier) @type)
(record_declaration name: (identifier) @type)
(constructor_declaration name: (identifier) @constructor)
(object_creation_expression type: (identifier) @type)
(base_list (identifier) @type)
(type_parameter (identifier) @type)
(variable_declaration type: (identifier) @type)
(parameter type: (identifier) @type)
(method_declaration returns: (identifier) @type)
(generic_name (identifier) @type)
(enum_member_declaration (identifier) @constant)

(method_declaration name: (identifier) @function)
(local_function_statement name: (identifier) @function)
(invocation_expression function: (identifier) @function)
(invocation_expression function: (member_access_expression name: (identifier) @function))
(attribute name: (identifier) @attribute)
(namespace_declaration name: (_) @module)

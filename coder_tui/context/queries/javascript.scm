(function_declaration name: (identifier) @name) @function
(generator_function_declaration name: (identifier) @name) @function
(class_declaration name: (_) @name) @class
(method_definition name: (_) @name) @function
(field_definition property: (_) @name) @value
((program (expression_statement (assignment_expression left: (member_expression object: (identifier) @_object property: (property_identifier) @name) right: [(function_expression) (arrow_function) (class)])) @function) (#eq? @_object "exports"))
((program (expression_statement (assignment_expression left: (member_expression object: (member_expression) @_object property: (property_identifier) @name) right: [(function_expression) (arrow_function) (class)])) @function) (#eq? @_object "module.exports"))
((program (expression_statement (assignment_expression left: (member_expression object: (identifier) @receiver property: (property_identifier) @name) right: [(function_expression) (generator_function) (arrow_function) (class)])) @function) (#not-eq? @receiver "exports") (#not-eq? @receiver "module"))
((program (expression_statement (assignment_expression left: (member_expression) right: (assignment_expression left: (member_expression object: (identifier) @receiver property: (property_identifier) @name) right: [(function_expression) (generator_function) (arrow_function) (class)]))) @function) (#not-eq? @receiver "exports") (#not-eq? @receiver "module"))
((program (expression_statement (assignment_expression left: (member_expression object: (member_expression object: (identifier) @receiver property: (property_identifier) @_prototype) property: (property_identifier) @name) right: [(function_expression) (generator_function) (arrow_function) (class)])) @function) (#eq? @_prototype "prototype"))
(program (lexical_declaration (variable_declarator name: (identifier) @name !value)) @value)
((program (lexical_declaration (variable_declarator name: (identifier) @name value: (_) @_value)) @value) (#not-match? @_value "^require\\s*\\("))
(program (export_statement (lexical_declaration (variable_declarator name: (identifier) @name)) @value))
(program (variable_declaration (variable_declarator name: (identifier) @name !value)) @value)
((program (variable_declaration (variable_declarator name: (identifier) @name value: (_) @_value)) @value) (#not-match? @_value "^require\\s*\\("))
(import_statement source: (string) @module)
(import_statement (import_clause (identifier) @imported) source: (string) @module)
(import_statement (import_clause (namespace_import (identifier) @alias)) source: (string) @module)
(import_statement (import_clause (named_imports (import_specifier name: (_) @imported !alias))) source: (string) @module)
(import_statement (import_clause (named_imports (import_specifier name: (_) @imported alias: (_) @alias))) source: (string) @module)
(export_statement source: (string) @module)
(export_statement "*" @all source: (string) @module)
(export_statement (export_clause (export_specifier name: (_) @imported !alias)) source: (string) @module)
(export_statement (export_clause (export_specifier name: (_) @imported alias: (_) @alias)) source: (string) @module)
(call_expression function: (import) arguments: (arguments . (string) @module))
((call_expression function: (identifier) @_function arguments: (arguments . (string) @module)) (#eq? @_function "require"))
(variable_declarator name: (identifier) @alias value: (call_expression function: (identifier) @_function arguments: (arguments . (string) @module)) (#eq? @_function "require"))
(variable_declarator name: (object_pattern (shorthand_property_identifier_pattern) @imported) value: (call_expression function: (identifier) @_function arguments: (arguments . (string) @module)) (#eq? @_function "require"))

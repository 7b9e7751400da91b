(function_declaration name: (identifier) @name) @function
(function_signature name: (identifier) @name) @function
(generator_function_declaration name: (identifier) @name) @function
(class_declaration name: (_) @name) @class
(abstract_class_declaration name: (_) @name) @class
(interface_declaration name: (_) @name) @class
(enum_declaration name: (_) @name) @class
(internal_module name: (_) @name) @class
(type_alias_declaration name: (_) @name) @value
(method_definition name: (_) @name) @function
(method_signature name: (_) @name) @function
(abstract_method_signature name: (_) @name) @function
(public_field_definition name: (_) @name) @value
(property_signature name: (_) @name) @value
(program (lexical_declaration (variable_declarator name: (identifier) @name)) @value)
(program (export_statement (lexical_declaration (variable_declarator name: (identifier) @name)) @value))
(import_statement source: (string) @module)
(import_statement (import_require_clause (identifier) @alias source: (string) @module))
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

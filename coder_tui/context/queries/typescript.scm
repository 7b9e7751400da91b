(function_declaration name: (identifier) @name) @function
(function_signature name: (identifier) @name) @function
(generator_function_declaration name: (identifier) @name) @function
(class_declaration name: (_) @name) @class
(abstract_class_declaration name: (_) @name) @class
(interface_declaration name: (_) @name) @class
(enum_declaration name: (_) @name) @class
(internal_module name: (_) @name) @class
(type_alias_declaration name: (_) @name value: (object_type)) @class
(type_alias_declaration name: (_) @name) @value
(method_definition name: (_) @name) @function
(interface_declaration body: (_ (method_signature name: (_) @name) @function))
(type_alias_declaration value: (object_type (method_signature name: (_) @name) @function))
(class_body (method_signature name: (_) @name) @function)
(abstract_method_signature name: (_) @name) @function
(public_field_definition name: (_) @name) @value
(interface_declaration body: (_ (property_signature name: (_) @name) @value))
(type_alias_declaration value: (object_type (property_signature name: (_) @name) @value))
(enum_body (property_identifier) @name @value)
(enum_assignment name: (_) @name) @value
(ambient_declaration (lexical_declaration (variable_declarator name: (identifier) @name)) @value)
(internal_module body: (statement_block (export_statement (lexical_declaration (variable_declarator name: (identifier) @name)) @value)))
((program (expression_statement (assignment_expression left: (member_expression object: (identifier) @receiver property: (property_identifier) @name) right: [(function_expression) (generator_function) (arrow_function) (class)])) @function) (#not-eq? @receiver "exports") (#not-eq? @receiver "module"))
((program (expression_statement (assignment_expression left: (member_expression) right: (assignment_expression left: (member_expression object: (identifier) @receiver property: (property_identifier) @name) right: [(function_expression) (generator_function) (arrow_function) (class)]))) @function) (#not-eq? @receiver "exports") (#not-eq? @receiver "module"))
((program (expression_statement (assignment_expression left: (member_expression object: (member_expression object: (identifier) @receiver property: (property_identifier) @_prototype) property: (property_identifier) @name) right: [(function_expression) (generator_function) (arrow_function) (class)])) @function) (#eq? @_prototype "prototype"))
(program (lexical_declaration (variable_declarator name: (identifier) @name !value)) @value)
((program (lexical_declaration (variable_declarator name: (identifier) @name value: (_) @_value)) @value) (#not-match? @_value "^require\\s*\\("))
(program (variable_declaration (variable_declarator name: (identifier) @name !value)) @value)
((program (variable_declaration (variable_declarator name: (identifier) @name value: (_) @_value)) @value) (#not-match? @_value "^require\\s*\\("))
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

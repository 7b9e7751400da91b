(function_declaration name: (identifier) @name) @function
(method_declaration receiver: (parameter_list (parameter_declaration type: [(type_identifier) @receiver (pointer_type (type_identifier) @receiver) (generic_type (type_identifier) @receiver) (pointer_type (generic_type (type_identifier) @receiver))])) name: (field_identifier) @name) @function
((type_declaration (type_spec name: (type_identifier) @name)) @class (#not-match? @class "^type\\s*[(]"))
((type_declaration (type_alias name: (type_identifier) @name)) @value (#not-match? @value "^type\\s*[(]"))
(type_declaration "(" (type_spec name: (type_identifier) @name) @class)
(type_declaration "(" (type_alias name: (type_identifier) @name) @value)
(type_spec type: (struct_type (field_declaration_list (field_declaration name: (field_identifier) @name) @value)))
(interface_type (method_elem name: (field_identifier) @name) @function)
((source_file (const_declaration (const_spec name: (identifier) @name) @value)) (#not-eq? @name "_"))
((source_file (var_declaration (var_spec name: (identifier) @name) @value)) (#not-eq? @name "_"))
((source_file (var_declaration (var_spec_list (var_spec name: (identifier) @name) @value))) (#not-eq? @name "_"))
(package_clause (package_identifier) @namespace)
(import_spec !name path: (interpreted_string_literal) @module)
(import_spec name: (_) @alias path: (interpreted_string_literal) @module)

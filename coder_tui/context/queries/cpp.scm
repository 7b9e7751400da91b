(function_definition declarator: (function_declarator declarator: (_) @name)) @function
(function_definition declarator: (pointer_declarator declarator: (function_declarator declarator: (_) @name))) @function
(function_definition declarator: (reference_declarator (function_declarator declarator: (_) @name))) @function
(declaration declarator: (function_declarator declarator: (_) @name)) @function
(declaration declarator: (pointer_declarator declarator: (function_declarator declarator: (_) @name))) @function
(field_declaration declarator: (function_declarator declarator: (_) @name)) @function
(field_declaration declarator: [(field_identifier) @name (pointer_declarator declarator: (field_identifier) @name) (array_declarator declarator: (field_identifier) @name) (reference_declarator (field_identifier) @name)]) @value
(class_specifier name: (_) @name body: (_)) @class
(struct_specifier name: (_) @name body: (_)) @class
(union_specifier name: (_) @name body: (_)) @class
(enum_specifier name: (_) @name body: (_)) @class
(type_definition type: [(struct_specifier !name body: (_)) (union_specifier !name body: (_)) (enum_specifier !name body: (_))] declarator: (type_identifier) @name) @class
(alias_declaration name: (_) @name) @value
(type_definition declarator: (type_identifier) @name) @value
(type_definition declarator: (function_declarator declarator: (parenthesized_declarator (pointer_declarator declarator: (type_identifier) @name)))) @value
(translation_unit (declaration declarator: (init_declarator declarator: (identifier) @name)) @value)
(namespace_definition body: (declaration_list (declaration declarator: (init_declarator declarator: (identifier) @name)) @value))
(translation_unit (declaration declarator: (init_declarator declarator: [(_ declarator: (identifier) @name) (_ declarator: (_ declarator: (identifier) @name))])) @value)
(translation_unit (declaration declarator: [(identifier) @name (pointer_declarator declarator: (identifier) @name) (array_declarator declarator: (identifier) @name)]) @value)
(namespace_definition body: (declaration_list (declaration declarator: (init_declarator declarator: (_ declarator: (identifier) @name))) @value))
(namespace_definition body: (declaration_list (declaration declarator: [(identifier) @name (pointer_declarator declarator: (identifier) @name)]) @value))
(enumerator name: (identifier) @name) @value
(preproc_def name: (identifier) @name value: (_)) @value
(preproc_function_def name: (identifier) @name) @value
(preproc_include path: (_) @module)

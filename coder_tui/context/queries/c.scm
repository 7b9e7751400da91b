(function_definition declarator: (function_declarator declarator: (identifier) @name)) @function
(function_definition declarator: (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))) @function
(translation_unit (declaration declarator: (function_declarator declarator: (identifier) @name)) @function)
(translation_unit (declaration declarator: (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))) @function)
(preproc_ifdef (declaration declarator: (function_declarator declarator: (identifier) @name)) @function)
(preproc_ifdef (declaration declarator: (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))) @function)
(struct_specifier name: (type_identifier) @name body: (_)) @class
(union_specifier name: (type_identifier) @name body: (_)) @class
(enum_specifier name: (type_identifier) @name body: (_)) @class
(type_definition declarator: (type_identifier) @name) @value
(type_definition declarator: (function_declarator declarator: (parenthesized_declarator (pointer_declarator declarator: (type_identifier) @name)))) @value
(struct_specifier name: (_) body: (field_declaration_list (field_declaration declarator: [(field_identifier) @name (_ declarator: (field_identifier) @name) (_ declarator: (_ declarator: (field_identifier) @name)) (function_declarator declarator: (parenthesized_declarator (pointer_declarator declarator: (field_identifier) @name)))]) @value))
(type_definition type: (struct_specifier !name body: (field_declaration_list (field_declaration declarator: [(field_identifier) @name (_ declarator: (field_identifier) @name) (_ declarator: (_ declarator: (field_identifier) @name)) (function_declarator declarator: (parenthesized_declarator (pointer_declarator declarator: (field_identifier) @name)))]) @value)))
(union_specifier name: (_) body: (field_declaration_list (field_declaration declarator: [(field_identifier) @name (_ declarator: (field_identifier) @name) (_ declarator: (_ declarator: (field_identifier) @name)) (function_declarator declarator: (parenthesized_declarator (pointer_declarator declarator: (field_identifier) @name)))]) @value))
(type_definition type: (union_specifier !name body: (field_declaration_list (field_declaration declarator: [(field_identifier) @name (_ declarator: (field_identifier) @name) (_ declarator: (_ declarator: (field_identifier) @name)) (function_declarator declarator: (parenthesized_declarator (pointer_declarator declarator: (field_identifier) @name)))]) @value)))
(type_definition type: [(struct_specifier !name body: (_)) (union_specifier !name body: (_)) (enum_specifier !name body: (_))] declarator: (type_identifier) @name) @class
(enumerator name: (identifier) @name) @value
(translation_unit (declaration declarator: (identifier) @name) @value)
(translation_unit (declaration declarator: (init_declarator declarator: [(identifier) @name (_ declarator: (identifier) @name)])) @value)
(translation_unit (declaration declarator: [(pointer_declarator declarator: (identifier) @name) (array_declarator declarator: (identifier) @name)]) @value)
(translation_unit (declaration declarator: (init_declarator declarator: (_ declarator: (_ declarator: (identifier) @name)))) @value)
(preproc_ifdef (declaration declarator: (identifier) @name) @value)
(declaration_list (declaration declarator: (function_declarator declarator: (identifier) @name)) @function)
(declaration_list (declaration declarator: (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))) @function)
(preproc_def name: (identifier) @name value: (_)) @value
(preproc_function_def name: (identifier) @name) @value
(preproc_include path: (_) @module)

(class_declaration name: (identifier) @name) @class
(interface_declaration name: (identifier) @name) @class
(struct_declaration name: (identifier) @name) @class
(record_declaration name: (identifier) @name) @class
(enum_declaration name: (identifier) @name) @class
(method_declaration name: (identifier) @name) @function
(constructor_declaration name: (identifier) @name) @function
(property_declaration name: (identifier) @name) @value
(field_declaration (variable_declaration (variable_declarator name: (identifier) @name))) @value
(event_field_declaration (variable_declaration (variable_declarator name: (identifier) @name))) @value
(enum_member_declaration name: (identifier) @name) @value
(delegate_declaration name: (identifier) @name) @value
(namespace_declaration name: (_) @namespace)
(file_scoped_namespace_declaration name: (_) @namespace)
(using_directive !name [(qualified_name) (identifier)] @module)
(using_directive name: (identifier) @alias (qualified_name) @module)

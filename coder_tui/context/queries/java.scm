(class_declaration name: (identifier) @name) @class
(interface_declaration name: (identifier) @name) @class
(enum_declaration name: (identifier) @name) @class
(record_declaration name: (identifier) @name) @class
(annotation_type_declaration name: (identifier) @name) @class
(method_declaration name: (identifier) @name) @function
(constructor_declaration name: (identifier) @name) @function
(field_declaration declarator: (variable_declarator name: (identifier) @name)) @value
(enum_constant name: (identifier) @name) @value
(constant_declaration declarator: (variable_declarator name: (identifier) @name)) @value
(annotation_type_element_declaration name: (identifier) @name) @function
(package_declaration (_) @namespace)
(import_declaration [(scoped_identifier) (identifier)] @module)

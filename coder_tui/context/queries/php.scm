(function_definition name: (name) @name) @function
(method_declaration name: (name) @name) @function
(class_declaration name: (name) @name) @class
(interface_declaration name: (name) @name) @class
(trait_declaration name: (name) @name) @class
(enum_declaration name: (name) @name) @class
(property_declaration (property_element name: (variable_name) @name)) @value
(const_declaration (const_element (name) @name)) @value
(enum_case name: (name) @name) @value
(namespace_definition name: (namespace_name) @namespace)
(namespace_use_declaration (namespace_use_clause [(qualified_name) (name)] @module))
(namespace_use_declaration (namespace_use_clause [(qualified_name) (name)] @module alias: (name) @alias))
(namespace_use_declaration (namespace_name) @prefix body: (namespace_use_group (namespace_use_clause . [(qualified_name) (name)] @module !alias)))
(namespace_use_declaration (namespace_name) @prefix body: (namespace_use_group (namespace_use_clause . [(qualified_name) (name)] @module alias: (name) @alias)))
(require_expression (_) @module)
(require_once_expression (_) @module)
(include_expression (_) @module)
(include_once_expression (_) @module)

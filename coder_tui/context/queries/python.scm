(function_definition name: (identifier) @name) @function
(class_definition name: (identifier) @name) @class
(module (expression_statement (assignment left: (identifier) @name)) @value)
(module (expression_statement (assignment left: (pattern_list (identifier) @name))) @value)
(module (expression_statement (assignment right: (assignment left: (identifier) @name))) @value)
(module (if_statement consequence: (block (expression_statement (assignment left: (identifier) @name)) @value)))
(module (try_statement body: (block (expression_statement (assignment left: (identifier) @name)) @value)))
(class_definition body: (block (expression_statement (assignment left: (identifier) @name)) @value))
(module (type_alias_statement left: (type (identifier) @name)) @value)
(import_statement name: (dotted_name) @module)
(import_statement name: (aliased_import name: (dotted_name) @module alias: (identifier) @alias))
(import_from_statement module_name: (_) @module name: (dotted_name) @imported)
(import_from_statement module_name: (_) @module name: (aliased_import name: (dotted_name) @imported alias: (identifier) @alias))
(import_from_statement module_name: (_) @module (wildcard_import) @all)

(method name: (_) @name) @function
(singleton_method name: (_) @name) @function
(class name: (_) @name) @class
(module name: (_) @name) @class
(program (assignment left: (constant) @name) @value)
(class body: (body_statement (assignment left: (constant) @name) @value))
((call !receiver method: (identifier) @_method arguments: (argument_list . (string (string_content) @module))) (#match? @_method "^require(_relative)?$"))

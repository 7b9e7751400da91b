(function_item name: (identifier) @name) @function
(function_signature_item name: (identifier) @name) @function
(struct_item name: (type_identifier) @name) @class
(enum_item name: (type_identifier) @name) @class
(union_item name: (type_identifier) @name) @class
(trait_item name: (type_identifier) @name) @class
(impl_item type: [(type_identifier) @name (generic_type type: (type_identifier) @name)]) @extension
(struct_item body: (field_declaration_list (field_declaration name: (field_identifier) @name) @value))
(union_item body: (field_declaration_list (field_declaration name: (field_identifier) @name) @value))
(enum_variant name: (identifier) @name) @value
(type_item name: (type_identifier) @name) @value
(const_item name: (identifier) @name) @value
(static_item name: (identifier) @name) @value
(macro_definition name: (identifier) @name) @function
(mod_item name: (identifier) @submodule !body)
((attribute_item (attribute (identifier) @_attribute value: (string_literal (string_content) @module))) . (mod_item !body) (#eq? @_attribute "path"))
(use_declaration argument: (_) @module)

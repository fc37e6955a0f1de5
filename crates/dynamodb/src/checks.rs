//! Rules that more than one operation has, a file each. Pure, except where a table is looked up.

pub mod attribute_values;
pub mod control_table_name;
pub mod deleted_table;
pub mod encryption;
pub mod expression_parameters;
pub mod filter_keys;
pub mod index_definition;
mod java_hash_order;
pub mod java_text;
pub mod key_paths;
pub mod key_schema;
pub mod members;
pub mod not_built;
pub mod page_plan;
pub mod range_source;
pub mod select;
pub mod single_write;
pub mod start_key;
pub mod table_class;
pub mod table_definition;
pub mod table_name;
pub mod table_ref;
pub mod tagged_resource;
pub mod tags;
pub mod throughput;
pub mod transact_list;
pub mod under_way;

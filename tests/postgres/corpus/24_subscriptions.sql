-- Subscriptions that do not connect. A database with one cannot be dropped.
CREATE SUBSCRIPTION incoming CONNECTION 'dbname=nowhere' PUBLICATION b, a WITH (connect = false);
CREATE SUBSCRIPTION "From ERP" CONNECTION 'dbname=nowhere' PUBLICATION "All" WITH (connect = false, slot_name = erp, enabled = off);
CREATE SUBSCRIPTION without_slot CONNECTION 'dbname=nowhere' PUBLICATION a WITH (connect = false, slot_name = NONE, binary = true); -- since 14
ALTER SUBSCRIPTION incoming CONNECTION 'dbname=elsewhere';
ALTER SUBSCRIPTION incoming SET (slot_name = 'other');
ALTER SUBSCRIPTION incoming SET (synchronous_commit = local);
ALTER SUBSCRIPTION incoming SET PUBLICATION c, a WITH (refresh = false);
ALTER SUBSCRIPTION incoming ADD PUBLICATION d WITH (refresh = false); -- since 14
ALTER SUBSCRIPTION incoming DROP PUBLICATION a WITH (refresh = false); -- since 14
ALTER SUBSCRIPTION "From ERP" RENAME TO from_erp;
ALTER SUBSCRIPTION from_erp OWNER TO CURRENT_USER;
ALTER SUBSCRIPTION from_erp ENABLE;
ALTER SUBSCRIPTION from_erp DISABLE;
ALTER SUBSCRIPTION incoming SET (slot_name = NONE);
ALTER SUBSCRIPTION from_erp SET (slot_name = NONE);
DROP SUBSCRIPTION IF EXISTS never;
DROP SUBSCRIPTION without_slot; -- since 14
DROP SUBSCRIPTION incoming;
DROP SUBSCRIPTION from_erp;

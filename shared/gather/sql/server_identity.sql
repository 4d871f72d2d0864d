-- Which server this is: the number that initdb gave it, which standbys and restored copies share. Leaves out all else
-- of the control file. Everybody may ask, unless somebody revoked it.
SELECT system_identifier::text AS system_identifier FROM pg_control_system()

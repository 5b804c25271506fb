"""Key services other than the local key file, one a module: `REKINDLE_KEY_SERVICE=<module>:<where>` chooses and loads it."""

"""Messages come and go as files on a server of others, by SFTP."""

"""From event tables and the site to incidents: who used what, from where, and how they got in."""

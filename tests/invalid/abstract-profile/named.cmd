render base

render Production
